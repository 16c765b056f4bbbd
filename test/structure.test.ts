/**
 * The shape of the project: that the rules of `.dependency-cruiser.cjs` (run by `npm run lint`) find what they are for, one
 * list of environment names, and files of a readable length.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { VARIABLES } from '../src/config/variables.js';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Files with one wrong import each, and right ones beside them, as a project of its own. */
const PLANTED: Readonly<Record<string, string>> = {
  'errors.ts': 'export const problem = 1;',
  'wire/exchange.ts':
    "import { createHash } from 'node:crypto';\nexport const hash = createHash;\nexport interface Exchange { id: string }",
  'wire/file.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;",
  'wire/settings.ts': "import type { Settings } from '../config/settings.js';\nexport type Own = Settings;",
  'config/settings.ts': 'export interface Settings { a: string }\nexport const settings = 1;',
  'config/one.ts': "import type { Two } from './two.js';\nexport interface One { two?: Two }",
  'config/two.ts': "import type { One } from './one.js';\nexport interface Two { one?: One }",
  'attach/sources/elf.ts': "import { link } from '../kernel/link.js';\nexport const elf = link;",
  'attach/kernel/link.ts':
    "import type { Exchange } from '../../wire/exchange.js';\nexport const link = {} as Exchange;",
  'report/names.ts': "import type { Seen } from '../discovery/seen.js';\nexport const name = ({ id }: Seen) => id;",
  'report/look.ts': "import { look } from '../discovery/seen.js';\nexport const found = look();",
  'discovery/seen.ts': "export interface Seen { id: string }\nexport const look = (): Seen => ({ id: '' });",
  'machine/colour.ts': "import chalk from 'chalk';\nexport const red = chalk.red;",
  'machine/run.ts': "import { spawn } from 'node:child_process';\nexport const run = spawn;",
  'elsewhere/file.ts': "import { problem } from '../errors.js';\nexport const other = problem;",
  'cli/missing.ts': "import { nothing } from './nowhere.js';\nexport const value = nothing;",
};

const WANTED = [
  'attach/sources imports only what its row allows: src/attach/sources/elf.ts',
  'chalk has one owner: src/machine/colour.ts',
  'every folder has a row: src/elsewhere/file.ts',
  'every import is found: src/cli/missing.ts',
  'no cycles: src/config/one.ts',
  'node:child_process has few owners: src/machine/run.ts',
  'report imports only types from there: src/report/look.ts',
  'wire does no I/O: src/wire/file.ts',
  'wire imports only what its row allows: src/wire/settings.ts',
];

describe('imports point one way', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'arrows-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the rules find every kind of wrong import, and nothing else', () => {
    for (const [name, text] of Object.entries(PLANTED)) {
      mkdirSync(path.join(folder, 'src', path.dirname(name)), { recursive: true });
      writeFileSync(path.join(folder, 'src', name), `${text}\n`);
    }
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    const command = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const words = [command, '--config', path.join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'];
    const { stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
    expect(summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`).sort()).toEqual(WANTED);
  });

  test('every row of the table names a folder that is there', () => {
    const { ARROWS } = createRequire(import.meta.url)('../scripts/arrows.cjs') as { ARROWS: { folder: string }[] };
    expect(ARROWS.map(({ folder: name }) => name).filter(name => !existsSync(path.join(ROOT, 'src', name)))).toEqual(
      [],
    );
  });
});

describe('environment names', () => {
  const known = new Set<string>(Object.values(VARIABLES));
  const pattern = /\b(?:OPENLIT|OTEL)_[A-Z][A-Z0-9_]+\b/g;

  test.each(['src', 'bin'])('every OPENLIT_* and OTEL_* name in %s is listed in config/variables.ts', folder => {
    const unknown = new Set<string>();
    for (const entry of readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|js|cjs|mjs|py)$/.test(entry.name)) continue;
      const file = path.join(entry.parentPath, entry.name);
      for (const [name] of readFileSync(file, 'utf8').matchAll(pattern)) {
        // A name that ends in "_" is a prefix in a comment or a pattern, as in OTEL_EXPORTER_OTLP_*.
        if (!known.has(name) && !name.endsWith('_')) unknown.add(`${path.relative(ROOT, file)}: ${name}`);
      }
    }
    expect([...unknown]).toEqual([]);
  });
});

describe('what must not be in the project', () => {
  test('no file of src, bin or test is longer than 300 lines without a reason at its top', () => {
    const long: string[] = [];
    for (const folder of ['src', 'bin', 'scripts']) {
      for (const entry of readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(ts|js|cjs|mjs|py)$/.test(entry.name)) continue;
        const file = path.join(entry.parentPath, entry.name);
        const text = readFileSync(file, 'utf8');
        const lines = text.split('\n').length;
        if (lines > 301 && !/over 300 lines/i.test(text.slice(0, 1500)))
          long.push(`${path.relative(ROOT, file)}: ${lines}`);
      }
    }
    expect(long).toEqual([]);
  });
});
