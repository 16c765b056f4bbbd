/** OpenSSL inside an executable whose symbols are gone: this Node, stripped, against what it says of itself before. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { strippedOpenssl } from '../../../src/attach/sources/openssl-stripped.js';
import { findTls } from '../../../src/attach/sources/plan.js';
import { openElf } from '../../../src/machine/elf.js';

/** Symbol -> argument with the length, in OpenSSL 3.0 and 3.1: this Node's compiler has put the inner function into all forms. */
const LENGTH_ARGUMENT: Record<string, number | undefined> = {
  ssl_write_internal: 4,
  SSL_write: undefined,
  SSL_write_ex: 4,
  ssl_read_internal: 4,
  SSL_read: undefined,
  SSL_read_ex: 4,
  SSL_shutdown: undefined,
  SSL_do_handshake: undefined,
};
const NAMES = Object.keys(LENGTH_ARGUMENT);

function symbolsOfNode() {
  const elf = openElf(process.execPath);
  const symbols = elf.functions(new Set(NAMES));
  elf.close();
  return symbols;
}

const symbols = process.arch === 'x64' ? symbolsOfNode() : new Map();
const possible = symbols.size === NAMES.length && spawnSync('strip', ['--version']).status === 0;
if (!possible)
  process.stdout.write('skipped: OpenSSL without symbols, because this Node has no symbols, or there is no strip\n');

(possible ? test : test.skip)(
  'the functions are those that the symbols named',
  () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'stripped-'));
    const file = path.join(folder, 'node');
    // Node exports OpenSSL to its add-ons: the dynamic symbols go, too.
    execFileSync('objcopy', [
      '--strip-all',
      '--remove-section=.dynsym',
      '--remove-section=.gnu.version',
      process.execPath,
      file,
    ]);
    const elf = openElf(file);
    try {
      const found = strippedOpenssl.find(elf);
      if (found === undefined || 'reason' in found) throw new Error(found?.reason ?? 'nothing was found');
      const minor = Number(process.versions.openssl.split('.')[1]);
      expect(found.library).toBe(`OpenSSL 3.${minor} (static)`);
      const names = new Map([...symbols.values()].map(({ name, address }) => [address, name]));
      const places = found.placement.places.map(({ address, lengthArgument }) => [names.get(address), lengthArgument]);
      for (const [name, lengthArgument] of places) {
        const later = minor >= 2 && name === 'ssl_write_internal';
        expect([name, lengthArgument]).toEqual([name, later ? 5 : LENGTH_ARGUMENT[String(name)]]);
      }
      expect(places.map(([name]) => name)).toEqual(expect.arrayContaining(['ssl_write_internal', 'ssl_read_internal']));
    } finally {
      elf.close();
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);

test('a file without it is nothing, also where it names OpenSSL', () => {
  const elf = openElf('/bin/sh');
  expect(strippedOpenssl.find(elf)).toBeUndefined();
  expect(findTls(elf)).toBeUndefined();
  elf.close();
});
