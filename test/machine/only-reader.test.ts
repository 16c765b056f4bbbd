/** `src/machine` alone reads /proc and cgroups; a tap may look at its own process. Held by reading the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const SOURCE = path.resolve(import.meta.dirname, '../../src');
/** A path at the start of a text in the code, or put together of the folder's name. */
const READS = /['"`]\/(?:proc|sys\/fs\/cgroup)(?=[/'"`])[^'"`]*/g;
const OF_ITS_OWN = /^.\/proc\/(self|thread-self)\b/;

function reads(): [file: string, text: string][] {
  return readdirSync(SOURCE, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|js|cjs|mjs|py)$/.test(entry.name))
    .map(entry => path.join(entry.parentPath, entry.name))
    .flatMap(file => {
      const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      return [...text.matchAll(READS)].map(([found]): [string, string] => [path.relative(SOURCE, file), found]);
    });
}

test('nobody but machine/ names a file of /proc', () => {
  const found = reads();
  expect(found.map(([file]) => file)).toContain(path.join('machine', 'proc.ts')); // the search finds what is there
  const others = found.filter(([file]) => !file.startsWith(`machine${path.sep}`));
  const wrong = others.filter(([file, text]) => !(file.startsWith(`bootstrap${path.sep}`) && OF_ITS_OWN.test(text)));
  expect(wrong).toEqual([]);
});

test('within machine/, one module says where /proc is', () => {
  const named = reads().filter(([file]) => file.startsWith(`machine${path.sep}`));
  expect(named).toEqual([[path.join('machine', 'proc.ts'), "'/proc"]]);
});
