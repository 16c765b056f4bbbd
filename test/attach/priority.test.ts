import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { buildSync, stop } from 'esbuild';

// esbuild's own process would stay.
afterAll(() => stop());

/** In a process of its own: a priority that was lowered stays low. */
function lowered(
  command: readonly string[],
  steps = 'm.letOthersFirst()',
): { threads: number[]; autogroup: string | null } {
  const folder = mkdtempSync(path.join(tmpdir(), 'priority-'));
  try {
    const module = path.join(folder, 'priority.mjs');
    buildSync({
      entryPoints: [path.join(import.meta.dirname, '../../src/attach/priority.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: module,
      logLevel: 'error',
    });
    const program = `const fs = await import('node:fs'); const os = await import('node:os');
      const m = await import(${JSON.stringify(module)}); let now = 0;
      ${steps};
      const threads = fs.readdirSync('/proc/self/task').map(thread => os.getPriority(Number(thread)));
      let autogroup = null; try { autogroup = fs.readFileSync('/proc/self/autogroup', 'utf8'); } catch {}
      console.log(JSON.stringify({ threads, autogroup }));`;
    const [file, ...words] = [...command, process.execPath, '--input-type=module', '-e', program];
    const { stdout, stderr } = spawnSync(file!, words, { encoding: 'utf8' });
    if (stderr !== '') throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const linux = process.platform === 'linux';
if (!linux) console.log('left out: priorities of threads are Linux');

(linux ? describe : describe.skip)('an observer lets the observed program go first', () => {
  const here = getPriority();

  test('every thread is ten steps lower than it was started, at most 19', () => {
    const { threads } = lowered([]);
    expect(threads.length).toBeGreaterThan(1);
    expect(new Set(threads)).toEqual(new Set([Math.min(19, here + 10)]));
    expect(new Set(lowered(['nice', '-n', '15']).threads)).toEqual(new Set([19]));
  });

  test('and takes all of it back when it leaves', () => {
    const { threads, autogroup } = lowered(['setsid', '--wait'], 'm.letOthersFirst().restore()');
    expect(new Set(threads)).toEqual(new Set([here]));
    if (autogroup !== null) expect(autogroup).toMatch(/ nice 0$/m);
  });

  test('has it back for 150 ms of five seconds while much waits', () => {
    const looks = (times: readonly number[], much = true) =>
      `const p = m.letOthersFirst(() => now); for (now of [${times}]) p.behind(${much})`;
    const nice = (steps: string) => {
      const { threads } = lowered([], steps);
      return [...new Set(threads)];
    };
    expect(nice(looks([0, 149]))).toEqual([here]);
    expect(nice(looks([0, 149, 150]))).toEqual([here + 10]);
    expect(nice(looks([0, 150, 4999]))).toEqual([here + 10]);
    expect(nice(looks([0, 150, 5000]))).toEqual([here]);
    expect(nice(`${looks([0, 50])}; p.behind(false)`)).toEqual([here + 10]);
    expect(nice(looks([0, 50], false))).toEqual([here + 10]);
  });

  test('a session of our own is lowered as a whole, one that we share is not', () => {
    const before = lowered([]).autogroup;
    if (before === null) return console.log('left out: this kernel has no autogroups');
    expect(before).toBe(lowered(['env']).autogroup); // shared with the test runner
    expect(lowered(['setsid', '--wait']).autogroup).toMatch(/ nice 10$/m);
  });
});
