/**
 * The shape of the project, held by reading its files: who may import whom, no cycles between folders, and one list of
 * environment names. A new arrow is a decision: change the table here and in AGENTS.md together.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { VARIABLES } from '../src/config/variables.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const SOURCE = path.join(ROOT, 'src');

/** Folder (or file) of `src/` -> what it may import from `src/`. Its own folder is always allowed. */
const ARROWS: Record<string, readonly string[]> = {
  errors: [],
  launcher: ['cli', 'machine', 'runs'],
  cli: ['config', 'discovery', 'errors', 'report', 'wire'],
  commands: [
    'attach',
    'calls',
    'cli',
    'config',
    'decode',
    'discovery',
    'doctor',
    'errors',
    'injectors',
    'machine',
    'plan',
    'report',
    'runs',
    'setup',
    'telemetry',
    'wire',
  ],
  runs: [
    'attach',
    'calls',
    'cli',
    'config',
    'discovery',
    'errors',
    'injectors',
    'machine',
    'plan',
    'receive',
    'report',
    'setup',
    'store',
    'telemetry',
    'wire',
  ],
  plan: ['attach/sources', 'config', 'errors', 'injectors', 'machine'],
  injectors: ['config', 'errors', 'machine'],
  machine: ['errors'],
  config: ['errors'],
  setup: ['config', 'errors'],
  bootstrap: ['machine', 'wire', 'telemetry', 'calls', 'config'],
  wire: [],
  receive: ['errors'],
  calls: ['config', 'errors', 'wire'],
  telemetry: ['calls', 'machine', 'config', 'errors', 'wire'],
  store: ['calls', 'config', 'receive', 'report'],
  decode: ['calls', 'errors', 'telemetry', 'wire'],
  attach: ['errors', 'machine', 'wire'],
  report: ['calls', 'plan', 'machine', 'discovery', 'doctor', 'errors', 'store', 'wire'],
  discovery: ['plan', 'attach', 'errors', 'machine', 'wire'],
  doctor: [
    'attach',
    'calls',
    'config',
    'discovery',
    'errors',
    'injectors',
    'machine',
    'plan',
    'setup',
    'telemetry',
    'wire',
  ],
};

/** Packages that only one place may import: heavy at start, or with a native part. */
const OWNED_PACKAGES: Record<string, readonly string[]> = {
  chalk: ['report/'],
  ora: ['report/'],
  'ffi-rs': ['attach/kernel/', 'machine/exec/'],
  execa: ['machine/exec/'],
  cosmiconfig: ['config/'],
};

interface Import {
  file: string;
  target: string;
}

/** Import and re-export lines of every TypeScript file, static and dynamic, as written. */
function readImports(): Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s+)['"]([^'"]+)['"]/gm;
  const imports: Import[] = [];
  for (const entry of readdirSync(SOURCE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = path.relative(SOURCE, path.join(entry.parentPath, entry.name));
    const text = readFileSync(path.join(SOURCE, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const match of text.matchAll(pattern)) imports.push({ file, target: match[1]! });
  }
  return imports;
}

/** The first word below `src/`: `wire/protocol/x.ts` -> `wire`, `errors.ts` -> `errors`. */
function partOf(file: string): string {
  return file.split(path.sep)[0]!.replace(/\.(ts|js)$/, '');
}

const imports = readImports();

describe('imports point one way', () => {
  test('every folder has a row in the table', () => {
    const parts = new Set(imports.map(({ file }) => partOf(file)));
    expect([...parts].filter(part => !(part in ARROWS))).toEqual([]);
  });

  test('no file imports against the arrows', () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith('.'))
      .map(({ file, target }) => ({ file, to: path.normalize(path.join(path.dirname(file), target)) }))
      .filter(({ file, to }) => partOf(file) !== partOf(to) && !ARROWS[partOf(file)]?.includes(partOf(to)))
      .map(({ file, to }) => `${file} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  test('a provider knows bytes, exchanges and calls, never where they come from', () => {
    const wrong = imports
      .filter(({ file }) => file.startsWith(`wire${path.sep}`))
      .filter(({ target }) => /node:(net|http|https|tls|fs|child_process|dgram|timers)/.test(target))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(wrong).toEqual([]);
  });

  test('heavy and native packages have one owner', () => {
    const wrong = imports
      .filter(({ file, target }) => OWNED_PACKAGES[target]?.every(owner => !file.startsWith(owner)))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(wrong).toEqual([]);
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
