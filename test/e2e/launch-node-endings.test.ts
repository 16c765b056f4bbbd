/** Nothing is lost at the end of a program, whether it lets code run or not, and the program ends as it does without us. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../support/launcher.js';
import { openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';
import type { Bench } from '../support/observed.js';

const PROGRAM = path.join(PROGRAMS, 'endings.cjs');
const ENDINGS: string[] = JSON.parse(execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8' }));
const runtimes = await nodeVersions();

let bench: Bench;
beforeAll(async () => {
  await nodeClients();
  bench = await openNodeBench({ tls: false });
}, 240_000);
afterAll(() => bench?.close());

/** Stack lines name our frames nowhere, but numbers of processes and addresses differ from run to run. */
const comparable = (text: string) => text.replaceAll(/0x[\da-f]+|\d{3,}/g, 'N');

for (const { name, binary, missing } of runtimes) {
  if (missing) console.log(`skipped: ${name} could not be installed: ${missing}`);
  (binary ? describe : describe.skip)(`${name}: one call, then`, () => {
    test.each(ENDINGS)(
      '%s',
      async ending => {
        const bare = await bench.bare([binary!, PROGRAM, ending]);
        const { spans, ...observed } = await bench.observed([binary!, PROGRAM, ending]);
        expect(spans.map(span => span.name)).toEqual(['chat gpt-4o-mini']);
        expect([observed.status, observed.signal]).toEqual([bare.status, bare.signal]);
        expect(comparable(observed.stdout)).toBe(comparable(bare.stdout));
        expect(comparable(observed.stderr)).toBe(comparable(bare.stderr));
      },
      30_000,
    );
  });
}

test('a hundred short scripts give a hundred spans', async () => {
  const inTime = ENDINGS.filter(ending => !/later|Worker|cluster|fork/.test(ending));
  bench.receiver.clear();
  const scripts = Array.from({ length: 100 }, (_, index) => inTime[index % inTime.length]!);
  // Four at once: what the machine does meanwhile must not matter.
  const queue = scripts.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const ending of queue) await runOne(ending);
    }),
  );
  await bench.settled();
  expect(bench.receiver.spans.map(span => span.name)).toEqual(Array(100).fill('chat gpt-4o-mini'));
}, 240_000);

async function runOne(ending: string): Promise<void> {
  await run([process.execPath, PROGRAM, ending], { env: bench.observedEnv() });
}
