/** Which of several processes are observed, and what is counted and said of those that are not. */
import { expect, test } from '@jest/globals';
import { countMissed } from '../../src/attach/missed.js';
import { attachEach } from '../../src/attach/observation.js';
import { tracerLine } from '../../src/attach/tracer-line.js';
import { Problem } from '../../src/errors.js';

const problem = (message: string, reason?: string) =>
  new Problem({ code: 'X', message, ...(reason === undefined ? {} : { reason }) });

function attachThese(pids: readonly number[], faults: Readonly<Record<number, Error>>) {
  const attached: number[] = [];
  const said: string[] = [];
  const run = () =>
    attachEach(
      pids,
      line => said.push(line),
      pid => {
        const fault = faults[pid];
        if (fault) throw fault;
        attached.push(pid);
      },
    );
  return { attached, said, run };
}

test('one that is gone is said, wherever it stands, and the others are observed', () => {
  const { attached, said, run } = attachThese([1, 2, 3, 4], { 1: problem('no 1'), 3: problem('no 3', 'not ours') });
  run();
  expect(attached).toEqual([2, 4]);
  expect(said).toEqual(['no 1', 'no 3: not ours']);
});

test('when none is left, the last problem ends it, and the others were said', () => {
  const { said, run } = attachThese([1, 2], { 1: problem('no 1'), 2: problem('no 2') });
  expect(run).toThrow('no 2');
  expect(said).toEqual(['no 1']);
});

test('a fault of ours is no problem of theirs', () => {
  const { attached, run } = attachThese([1, 2], { 1: new TypeError('ours') });
  expect(run).toThrow('ours');
  expect(attached).toEqual([]);
});

test('a process is counted once, brief children each', () => {
  const missed = countMissed();
  for (const pid of [5, 5, 6]) missed.process(pid);
  missed.briefChild();
  missed.briefChild();
  expect(missed).toMatchObject({ processes: 2, brief: 2 });
});

test('a debugger is named, and what to do', () => {
  expect(tracerLine('python (pid 7)', { pid: 8, name: 'gdb' }, 'now')).toMatch(
    /^python \(pid 7\) is traced by gdb \(pid 8\).*SIGTRAP/,
  );
  expect(tracerLine('python (pid 7)', { pid: 8 }, 'leaving')).toMatch(/still traced by process 8.*delete them/);
});
