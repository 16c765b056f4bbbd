/** What an error tells people to type has to exist: every flag that a `fixes` names is one of a command. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FIXES = /fixes: \[([\s\S]*?)\]/g;
const TEXT = /'([^'\n]*)'|`([^`]*)`/g;
const FLAG = /(?<=^|\s)--([a-z][a-z-]*)/g;

function namedFlags(): [file: string, flag: string][] {
  return readdirSync(path.join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => path.join(entry.parentPath, entry.name))
    .flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(FIXES)]
        .flatMap(([, list]) => [...list!.matchAll(TEXT)].map(([, plain, template]) => plain ?? template!))
        .filter(text => text.startsWith('--') || text.includes('openlit-instrument'))
        .flatMap(text =>
          [...text.matchAll(FLAG)].map(([, flag]): [string, string] => [path.relative(ROOT, file), flag!]),
        ),
    );
}

test('every flag that an error advises is one of ours', () => {
  const { commands } = JSON.parse(readFileSync(path.join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, { flags: Record<string, unknown> }>;
  };
  const known = new Set(['help', ...Object.values(commands).flatMap(({ flags }) => Object.keys(flags))]);
  const named = namedFlags();
  expect(named.length).toBeGreaterThan(10); // the search finds what is there
  expect(named.filter(([, flag]) => !known.has(flag))).toEqual([]);
});
