/** Names each test file when it starts and says how long it took, so that a log without a terminal shows where the time goes. */
const path = require('node:path');

module.exports = class ProgressReporter {
  constructor() {
    this.started = Date.now();
  }

  onTestFileStart(test) {
    if (!test.path.includes(`${path.sep}e2e${path.sep}`)) return;
    const seconds = Math.round((Date.now() - this.started) / 1000);
    process.stderr.write(`RUNS ${path.relative(process.cwd(), test.path)} (at ${seconds} s)\n`);
  }
};
