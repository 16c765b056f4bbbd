/** What was found in a file is believed of that file alone, and only from a place that is ours alone. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { keepFindings } from '../../../src/attach/sources/kept-findings.js';
import { type Finding, findTls } from '../../../src/attach/sources/plan.js';
import { openElf } from '../../../src/machine/elf.js';
import { makeElf } from '../elf-image.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'kept-findings-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PUSH = Buffer.alloc(64, 0x55);
const SYMBOLS = ['SSL_write', 'SSL_read'].map((name, i) => ({ name, at: 0x1000 + 16 * i, size: 16 }));
const image = (more: object = {}) => makeElf({ code: PUSH, symbols: SYMBOLS, ...more });

let folder: string;
let file: string;
let searches: number;
beforeEach(() => {
  const own = mkdtempSync(path.join(root, 'test-'));
  folder = path.join(own, 'findings');
  file = path.join(own, 'program');
  writeFileSync(file, image());
  searches = 0;
});

interface Asked {
  readonly at?: string;
  readonly least?: number;
  readonly finders?: string;
  readonly found?: (finding: Finding) => Finding;
}

/** As a new observation: nothing is in memory. */
function find({ at = file, least = 0, finders = 'these', found = finding => finding }: Asked = {}): Finding {
  const look = keepFindings(folder, {
    makeFolder: name => mkdirSync(name, { recursive: true, mode: 0o700 }),
    search: elf => {
      searches += 1;
      return found(findTls(elf));
    },
    least,
    finders,
  });
  const elf = openElf(at);
  try {
    return look(elf);
  } finally {
    elf.close();
  }
}
/** What is in the file, without a memory. */
function fresh(): Finding {
  const elf = openElf(file);
  try {
    return findTls(elf);
  } finally {
    elf.close();
  }
}
const kept = () => readdirSync(folder).map(name => path.join(folder, name));

test('a second observation searches no more, and finds the same', () => {
  const first = find();
  expect(first).toMatchObject({ library: 'OpenSSL', placement: { places: [{ bytes: '55' }, { bytes: '55' }] } });
  expect(find()).toEqual(first);
  expect(searches).toBe(1);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(kept().map(name => statSync(name).mode & 0o777)).toEqual([0o600]);
});

test('a refusal and a file with nothing are kept, too', () => {
  const refusal = { reason: 'it is not proven', holdsTls: true } as const;
  expect([find({ found: () => refusal }), find()]).toEqual([refusal, refusal]);
  const nothing = path.join(path.dirname(file), 'nothing');
  writeFileSync(nothing, makeElf({ code: PUSH, symbols: [] }));
  expect([find({ at: nothing }), find({ at: nothing })]).toEqual([undefined, undefined]);
  expect(searches).toBe(2);
});

test('what is cheap to find is not kept', () => {
  find({ least: 60_000 });
  find({ least: 60_000 });
  expect(searches).toBe(2);
});

test.each<[string, () => void]>([
  ['another build-id, same length', () => writeFileSync(file, image({ buildId: 'c0ffee00c0ffee01' }))],
  ['another length', () => appendFileSync(file, 'x')],
  ['the same bytes, written again', () => writeFileSync(file, image())],
  [
    'other bytes of the same length and time of change, as who has the file can make it',
    () => {
      const { atime, mtime } = statSync(file);
      writeFileSync(file, image({ code: Buffer.alloc(64, 0x53) }));
      utimesSync(file, atime, mtime);
    },
  ],
  [
    'another file in its place',
    () => {
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, file);
    },
  ],
])('%s: found anew', (_what, change) => {
  find();
  change();
  const again = find();
  expect(searches).toBe(2);
  expect(again).toEqual(fresh());
});

test('other finders do not believe it', () => {
  find();
  find({ finders: 'newer' });
  expect(searches).toBe(2);
});

test.each<[string, (name: string) => void]>([
  ['cut', name => writeFileSync(name, readFileSync(name).subarray(0, 120))],
  ['empty', name => writeFileSync(name, '')],
  ['with another offset in it', name => writeFileSync(name, `${readFileSync(name)}`.replace('1024', '1025'))],
  ['without its digest', name => writeFileSync(name, `${readFileSync(name)}`.split('\n')[1]!)],
  ['open to others', name => chmodSync(name, 0o644)],
  ['in a folder that is open to others', () => chmodSync(folder, 0o755)],
  [
    'behind a link',
    name => {
      renameSync(name, `${file}.elsewhere`);
      symlinkSync(`${file}.elsewhere`, name);
    },
  ],
  [
    'in a folder behind a link',
    () => {
      renameSync(folder, `${folder}.elsewhere`);
      symlinkSync(`${folder}.elsewhere`, folder);
    },
  ],
  [
    'a folder in its place',
    name => {
      rmSync(name);
      mkdirSync(name, { mode: 0o700 });
    },
  ],
  ...(process.getuid?.() === 0
    ? ([
        ["another user's", name => chownSync(name, 65_534, 65_534)],
        ["in another user's folder", () => chownSync(folder, 65_534, 65_534)],
      ] as [string, (name: string) => void][])
    : []),
])('a kept finding that is %s: found anew', (_what, spoil) => {
  const first = find();
  spoil(kept()[0]!);
  expect(find()).toEqual(first);
  expect(searches).toBe(2);
});

test('a damaged one is replaced', () => {
  find();
  writeFileSync(kept()[0]!, 'damaged');
  find();
  find();
  expect(searches).toBe(2);
});

test('places whose bytes are not there are not believed, whatever else agrees', () => {
  const wrong: Asked['found'] = finding => {
    if (!finding || 'reason' in finding) return finding;
    const places = finding.placement.places.map(place => ({ ...place, bytes: '53' }));
    return { ...finding, placement: { ...finding.placement, places } };
  };
  find({ found: wrong });
  expect(find()).toEqual(fresh());
  expect(searches).toBe(2);
});

test('where nothing can be kept, it is found all the same', () => {
  writeFileSync(folder, 'a file, not a folder');
  expect(find()).toMatchObject({ library: 'OpenSSL' });
  expect(find()).toMatchObject({ library: 'OpenSSL' });
  expect(readFileSync(folder, 'utf8')).toBe('a file, not a folder');
});

test('the oldest are removed', () => {
  find();
  const [oldest] = kept();
  utimesSync(oldest!, 1, 1);
  for (let i = 0; i < 64; i++) find({ finders: `${i}` });
  expect(kept()).toHaveLength(64);
  expect(kept()).not.toContain(oldest);
});
