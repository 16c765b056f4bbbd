/** Damaged or missing files of the package are refused before anything is loaded from them. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findPrebuilt } from '../../../src/attach/kernel/prebuilt.js';
import { formatProblem } from '../../../src/errors.js';

const PREBUILT = path.resolve(import.meta.dirname, '../../../bpf/prebuilt');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'prebuilt-'));
  cpSync(PREBUILT, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const find = (architecture: NodeJS.Architecture = 'x64') => findPrebuilt('linux', architecture, folder);

test.each(['x64', 'arm64'] as const)('%s: the object, and our libbpf before the system’s', architecture => {
  const name = `linux-${architecture}`;
  expect(find(architecture)).toEqual({
    object: path.join(folder, name, 'tls.bpf.o'),
    libraries: [path.join(folder, name, 'libbpf.so'), 'libbpf.so.1'],
  });
});

describe('each file damaged', () => {
  const files = readdirSync(path.join(PREBUILT, 'linux-x64')).map(name => path.join('linux-x64', name));
  const damages: [string, (file: string) => void][] = [
    ['missing', file => rmSync(file)],
    ['empty', file => truncateSync(file, 0)],
    ['cut', file => truncateSync(file, 1000)],
    [
      'with one bit changed',
      file => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(file, bytes);
      },
    ],
  ];
  test.each(files.flatMap(file => damages.map(([name, damage]) => [file, name, damage] as const)))(
    '%s %s',
    (file, _name, damage) => {
      damage(path.join(folder, file));
      if (file.endsWith('libbpf.so'))
        expect(find().libraries).toEqual(['libbpf.so.1']); // the system's may do
      else expect(find).toThrow(expect.objectContaining({ code: 'DAMAGED_PACKAGE' }));
    },
  );

  test('the manifest', () => {
    writeFileSync(path.join(folder, 'manifest.json'), '{');
    expect(find).toThrow(expect.objectContaining({ code: 'DAMAGED_PACKAGE' }));
  });
});

test.each([
  ['darwin', 'arm64'],
  ['linux', 'riscv64'],
  ['win32', 'x64'],
] as const)('%s %s: status 3 and the way that is left', (platform, architecture) => {
  try {
    findPrebuilt(platform, architecture, folder);
    throw new Error('it was accepted');
  } catch (error) {
    expect(error).toMatchObject({ code: 'UNSUPPORTED_SYSTEM', exit: 3 });
    expect(formatProblem(error as never)).toContain('launch it observed instead');
  }
});
