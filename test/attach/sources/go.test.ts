/** Go's crypto/tls: programs that the Go of this machine builds in each form. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { go } from '../../../src/attach/sources/go.js';
import { findTls } from '../../../src/attach/sources/plan.js';
import { openElf } from '../../../src/machine/elf.js';
import { goFunctions } from '../../../src/machine/go-functions.js';

const hasGo = spawnSync('go', ['version']).status === 0 && process.arch === 'x64';
if (!hasGo) process.stdout.write('skipped: Go, because there is no Go for x86-64\n');

const PROGRAM = 'package main\nimport "net/http"\nfunc main() { http.Get("https://localhost") }\n';
const FORMS: Record<string, readonly string[]> = {
  plain: [],
  stripped: ['-ldflags=-s -w'],
  'position-independent': ['-buildmode=pie', '-ldflags=-s -w'],
};

let folder: string;
const build = (name: string, words: readonly string[]) => {
  execFileSync('go', ['build', ...words, '-o', name, 'main.go'], { cwd: folder, env: { ...process.env, GOFLAGS: '' } });
};

(hasGo ? describe : describe.skip)('Go', () => {
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'go-source-'));
    writeFileSync(path.join(folder, 'main.go'), PROGRAM);
  });

  test.each(Object.keys(FORMS))(
    '%s: both directions and the end, each at an instruction that the kernel emulates',
    form => {
      build(form, FORMS[form]!);
      const elf = openElf(path.join(folder, form));
      const found = go.find(elf);
      if (found === undefined || 'reason' in found) throw new Error(found?.reason ?? 'nothing was found');
      expect(found.placement.places.map(({ action, emulated, convention }) => [action, emulated, convention])).toEqual([
        ['write', true, 'go'],
        ['read', true, 'go'],
        ['free', true, 'go'],
      ]);
      // What the linker says of a program that keeps its symbols.
      const named = elf.functions(new Set(['crypto/tls.(*Conn).Write']));
      const functions = goFunctions(elf, ['crypto/tls.(*Conn).Write']);
      const addresses = [named, functions!].map(map => [...map.values()].map(({ address }) => address));
      if (form === 'plain') expect(addresses[1]).toEqual(addresses[0]);
      else expect([named.size, functions?.size]).toEqual([0, 1]);
      elf.close();
    },
    120_000,
  );

  test('without optimisation it is refused, and says why', () => {
    build('debug', ['-gcflags=all=-N -l']);
    const elf = openElf(path.join(folder, 'debug'));
    expect(go.find(elf)).toEqual({ reason: expect.stringContaining('without optimisation') });
    // Said whatever the program is called.
    expect(findTls(elf)).toMatchObject({ holdsTls: true });
    elf.close();
  }, 240_000);

  test('a Go program without TLS is nothing', () => {
    writeFileSync(path.join(folder, 'main.go'), 'package main\nfunc main() { println("hi") }\n');
    build('quiet', []);
    const elf = openElf(path.join(folder, 'quiet'));
    expect(go.find(elf)).toBeUndefined();
    elf.close();
  }, 60_000);
});
