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

  const FLOODED = 'p.look(0.55)';
  const low = (more = '') => `const p = m.letOthersFirst(); ${FLOODED}; ${more}`;

  test('every thread stays where it was started while it takes little', () => {
    expect(new Set(lowered([]).threads)).toEqual(new Set([here]));
    expect(new Set(lowered([], 'm.letOthersFirst().look(0.1)').threads)).toEqual(new Set([here]));
  });

  test('in a flood every thread takes what is left over', () => {
    const { threads } = lowered([], low());
    expect(threads.length).toBeGreaterThan(1);
    expect(new Set(threads)).toEqual(new Set([Math.min(19, here + 19)]));
    expect(new Set(lowered(['nice', '-n', '-15'], low()).threads)).toEqual(new Set([here + 4]));
  });

  test('and takes all of it back when it leaves', () => {
    const { threads, autogroup } = lowered(['setsid', '--wait'], low('p.restore(); p.look(0.55)'));
    expect(new Set(threads)).toEqual(new Set([here]));
    if (autogroup !== null) expect(autogroup).toMatch(/ nice 0$/m);
  });

  test('where the way back is closed, a tenth of a contended CPU is kept, from the beginning', () => {
    const without = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice'];
    expect(new Set(lowered(without).threads)).toEqual(new Set([Math.min(19, here + 10)]));
    expect(new Set(lowered(without, low('p.restore()')).threads)).toEqual(new Set([Math.min(19, here + 10)]));
  });

  test('a session of our own is lowered as a whole, one that we share is not', () => {
    const before = lowered([], low()).autogroup;
    if (before === null) return console.log('left out: this kernel has no autogroups');
    expect(before).toBe(lowered(['env'], low()).autogroup); // shared with the test runner
    expect(lowered(['setsid', '--wait'], low()).autogroup).toMatch(/ nice 19$/m);
  });
});
