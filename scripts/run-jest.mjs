// One jest project, watched: it may neither hang nor leave processes behind. A test that never ends is named and ended with
// everything it started, because a CI that only says "timeout" tells nobody what to mend.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { killMarked, MARK, markedProcesses } from './marked-processes.mjs';

/**
 * Runs one jest project; its counts are read from the file that jest writes.
 * @param {string} project the project's name in jest.config.js
 * @param {string[]} extra further arguments of jest
 * @param {number} minutes after which it is ended and counted as failed
 * @returns {Promise<{status: number, passed: number, failed: number, skipped: number}>}
 */
export async function runJest(project, extra, minutes) {
  const outputFile = `.cache/jest-${project}.json`;
  const leftOpen = `.cache/jest-${project}-left-open.txt`;
  writeFileSync(leftOpen, '');
  const mark = randomBytes(8).toString('hex');
  const node = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const reporters = ['--reporters=default', '--reporters=./test/support/progress-reporter.cjs'];
  const args = [...node, ...reporters, '--selectProjects', project, '--json', `--outputFile=${outputFile}`, ...extra];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, [MARK]: mark, JEST_LEFT_OPEN: leftOpen },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.stdout.write(
      `\n${project}: not done after ${minutes} minutes; the file that runs is named above. Ended.\n`,
    );
    killMarked(mark);
  }, minutes * 60_000);
  const status = await new Promise(resolve => child.on('exit', (code, signal) => resolve(signal ? 1 : code)));
  clearTimeout(timer);
  // Those of a file fail it (test/support/leftovers-environment.mjs); here are left those of files that jest gave up.
  const left = late ? [] : markedProcesses(mark);
  for (const [pid, command] of left) process.stdout.write(`left behind by a test: ${pid} ${command.slice(0, 200)}\n`);
  killMarked(mark);
  const forced = readFileSync(leftOpen, 'utf8').split('\n').filter(Boolean);
  rmSync(leftOpen);
  if (forced.length > 0) process.stdout.write(`${project}: ${forced.length} files did not end by themselves (above)\n`);
  if (late) return { status: 1, passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(outputFile, 'utf8'));
  const again = result.testResults.flatMap(file => file.assertionResults.filter(({ invocations }) => invocations > 1));
  for (const { fullName, status: end } of again) process.stdout.write(`${project}: run twice, ${end}: ${fullName}\n`);
  return {
    status,
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
