// One jest project, watched: it may neither hang nor leave processes behind. A test that never ends is named and ended with
// everything it started, because a CI that only says "timeout" tells nobody what to mend.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** In the environment of jest and so of what tests start; a process that still has it after jest has ended is a leftover. */
const MARK = 'JEST_RUN_MARK';

/** Processes that carry our mark: [pid, command line]. Only Linux tells; elsewhere none are found. */
function marked(mark) {
  const found = [];
  let names = [];
  try {
    names = readdirSync('/proc');
  } catch {
    // No /proc on this system.
  }
  for (const name of names) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      if (command) found.push([Number(name), command]);
    } catch {
      // Ended meanwhile, or not ours to read.
    }
  }
  return found;
}

function killAll(mark) {
  for (const [pid] of marked(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended meanwhile.
    }
  }
}

/**
 * Runs one jest project; its counts are read from the file that jest writes.
 * @param {string} project the project's name in jest.config.js
 * @param {string[]} extra further arguments of jest
 * @param {number} minutes after which it is ended and counted as failed
 * @returns {Promise<{status: number, passed: number, failed: number, skipped: number}>}
 */
export async function runJest(project, extra, minutes) {
  const outputFile = `.cache/jest-${project}.json`;
  const mark = randomBytes(8).toString('hex');
  const node = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const reporters = ['--reporters=default', '--reporters=./test/support/progress-reporter.cjs'];
  const args = [...node, ...reporters, '--selectProjects', project, '--json', `--outputFile=${outputFile}`, ...extra];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, [MARK]: mark },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.stdout.write(
      `\n${project}: not done after ${minutes} minutes; the file that runs is named above. Ended.\n`,
    );
    killAll(mark);
  }, minutes * 60_000);
  const status = await new Promise(resolve => child.on('exit', (code, signal) => resolve(signal ? 1 : code)));
  clearTimeout(timer);
  const left = late ? [] : marked(mark);
  for (const [pid, command] of left) process.stdout.write(`left behind by a test: ${pid} ${command.slice(0, 200)}\n`);
  killAll(mark);
  if (late) return { status: 1, passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(outputFile, 'utf8'));
  return {
    status,
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
