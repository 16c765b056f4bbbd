/** bpf/tls.h and record.ts say the same; the prebuilt objects are as new as their sources. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { readManifest } from '../../../src/attach/kernel/prebuilt.js';
import { COUNTERS, RECORD_KINDS, RECORD_LAYOUT, RECORD_VERSION } from '../../../src/wire/transport/record.js';

const BPF = path.resolve(import.meta.dirname, '../../../bpf');

function hasCompiler(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: no C compiler (cc) here, so bpf/tls.h cannot be compared with record.ts');
    return false;
  }
}

(hasCompiler() ? test : test.skip)('every offset of struct record is what record.ts says', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'layout-'));
  try {
    const fields = Object.keys(RECORD_LAYOUT).filter(name => name !== 'size');
    writeFileSync(
      path.join(folder, 'layout.c'),
      `#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>
#include "tls.h"
int main(void) {
	printf("{");
${fields.map(name => `	printf("\\"${name}\\": %zu, ", offsetof(struct record, ${name}));`).join('\n')}
	printf("\\"size\\": %zu, \\"layoutVersion\\": %d, \\"counters\\": %d, \\"totals\\": %zu, ", sizeof(struct record), RECORD_VERSION, COUNTER_COUNT, sizeof(struct totals));
	printf("\\"kinds\\": [%d, %d, %d, %d, %d, %d, %d, %d, %d, %d, %d]}", RECORD_DATA, RECORD_CLOSE, RECORD_SHUTDOWN, RECORD_NAME, RECORD_FORK, RECORD_EXEC, RECORD_EXIT, RECORD_SHED, RECORD_MAPPED, RECORD_OTHERS, RECORD_UNSEEN);
	return 0;
}
`,
    );
    const program = path.join(folder, 'layout');
    execFileSync('cc', ['-Wpadded', '-Werror', '-I', BPF, '-o', program, path.join(folder, 'layout.c')]);
    const { layoutVersion, counters, totals, kinds, ...offsets } = JSON.parse(
      execFileSync(program, { encoding: 'utf8' }),
    );
    expect(offsets).toEqual(RECORD_LAYOUT);
    expect({ layoutVersion, counters, totals }).toEqual({
      layoutVersion: RECORD_VERSION,
      counters: COUNTERS.length,
      totals: 16,
    });
    const names = ['data', 'close', 'shutdown', 'name', 'fork', 'exec', 'exit', 'shed', 'mapped', 'others', 'unseen'];
    expect(kinds.map((kind: number) => RECORD_KINDS[kind as keyof typeof RECORD_KINDS])).toEqual(names);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** As bpf/build.sh hashes: the contents of the files in the order of their names. */
const hashOf = (files: string[]) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(BPF, file)));
  return hash.digest('hex');
};
const list = (folder: string, pattern: RegExp) =>
  readdirSync(path.join(BPF, folder))
    .filter(name => pattern.test(name))
    .map(name => path.join(folder, name));

test('the BPF objects are built from the sources that are here (else: npm run build:bpf)', () => {
  const sources = [...list('.', /\.c$/), ...list('.', /\.h$/)].sort();
  expect(hashOf(sources)).toBe(readManifest().sources);
});

test('the bundled libbpf is built by the script that is here (else: npm run build:bpf libbpf)', () => {
  expect(hashOf([...list('libbpf/elf', /./), 'libbpf/build.sh'].sort())).toBe(readManifest().libbpfSources);
});

test('every prebuilt file is in the manifest, with its hash', () => {
  const files = ['linux-arm64', 'linux-x64'].flatMap(name => list(`prebuilt/${name}`, /./)).sort();
  const found = Object.fromEntries(
    files.map(file => [
      file.replace('prebuilt/', ''),
      createHash('sha256')
        .update(readFileSync(path.join(BPF, file)))
        .digest('hex'),
    ]),
  );
  expect(found).toEqual(readManifest().files);
});
