/**
 * The corpus through launched programs, where it is beside the clone: whatever client sends an exchange, the launch reports
 * of it what `decode` says of it, and reports nothing else.
 */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { corpusFile } from '../support/corpus.js';
import { ROOT, run } from '../support/launcher.js';
import { anyPython, environment } from '../support/python-environments.js';

const corpus = corpusFile(path.resolve(import.meta.dirname, '../..'));
if (corpus === undefined) console.log('skipped: ../shared/corpus/exchanges.ndjson.gz is not beside this clone');
const real = corpus === undefined ? test.skip : test;

/** `all`: every exchange of the corpus; else those that this client makes. */
const CLIENTS = [
  { packages: 'tap', clients: ['httpx', 'httpx-async', 'aiohttp', 'requests', 'fetch', 'http'], all: true },
  { packages: 'providers', clients: ['boto3'], all: false },
];

real.each(CLIENTS)(
  'the same record for every exchange: $clients',
  async ({ packages, clients, all }) => {
    const python = await environment(packages, await anyPython());
    const script = path.join(ROOT, 'scripts/corpus-launch.mjs');
    const { stdout, status } = await run([
      process.execPath,
      script,
      '--corpus',
      corpus!,
      '--python',
      python,
      ...clients,
    ]);
    const exchanges = Number(/^decode: (\d+) exchanges/m.exec(stdout)?.[1]);
    expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' });
    for (const client of clients) {
      const [, same, sent] =
        new RegExp(`^${client}: (\\d+) of (\\d+) the same, 0 of no exchange`, 'm').exec(stdout) ?? [];
      expect([client, same]).toEqual([client, all ? String(exchanges) : sent]);
      expect(Number(sent)).toBeGreaterThan(100);
    }
  },
  300_000,
);
