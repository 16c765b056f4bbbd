/**
 * What client libraries give to a Node program, looked at from all sides, bare and observed: objects and what they hold
 * (properties with their flags, prototypes, `inspect`, listeners), the events they tell, streams and their ends, errors frame
 * by frame, warnings, every function of Node's modules that our hook comes near, and what is around in the process.
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOOK, openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';
import { differences, type Facts, type Known, readFacts, unexplained } from '../support/object-facts.js';
import { type ObjectProvider, openObjectProvider } from '../support/object-provider.js';
import type { Bench } from '../support/observed.js';

const cwd = path.join(PROGRAMS, 'objects');
const LIBRARIES = [
  ...['net', 'http', 'https', 'http2', 'fetch', 'undici', 'ws', 'worker'],
  ...['openai', 'anthropic', 'google-genai', 'bedrock', 'axios'],
];

/** What the program can see of us. */
const KNOWN: readonly Known[] = [
  [
    /^net\.(Socket|Stream)\.prototype$/,
    /^properties$/,
    '`push` is inherited, and now a property of the prototype itself',
  ],
  [/^net\.(Socket|Stream)\.prototype\.push$/, /./, 'the same'],
  [/^net\.(Socket|Stream)\.prototype\.(_destroy|_writeGeneric|connect)$/, /^source$/, 'the text of our function'],
  [/^(process\.emit|process\.constructor\.prototype)/, /./, '`emit` of a process is inherited, too'],
  [/^(process|at (start|end))$/, /^(module|process)$/, 'the same'],
  [
    /^(globals|at (start|end))$/,
    /^(module|globals)$/,
    'a hidden symbol, by which a second copy of our hook knows of the first',
  ],
  [
    /^worker_threads\.Worker(\.prototype\.constructor)?$/,
    /^(function|source)$/,
    'a proxy that gives our hook to Workers',
  ],
  [/^at (start|end)$/, /^channels$/, 'we listen on the channels that tell which request a socket is written for'],
  [/^at end$/, /^async resources$/, 'the socket to the observer, and its start'],
];

/** Our functions are frames of a stack; that they are, and nothing else, is what is known. */
const OURS = new RegExp(`^\\s*'?\\s*at .*${path.basename(path.dirname(path.dirname(HOOK)))}/node/\\w+\\.cjs`);

function withoutOurFrames(facts: Facts): Facts {
  const isFrame = (line: unknown) => typeof line === 'string' && OURS.test(line);
  return new Map(
    [...facts].map(([key, [name, fact, value]]) => [
      key,
      [name, fact, Array.isArray(value) ? value.filter(line => !isFrame(line)) : value],
    ]),
  );
}

let bench: Bench;
let provider: ObjectProvider;
beforeAll(async () => {
  await nodeClients();
  bench = await openNodeBench({ tls: false });
  provider = await openObjectProvider();
}, 240_000);
afterAll(async () => {
  await bench?.close();
  await provider?.close();
});

const words = (node: string, libraries: readonly string[]) => [
  node,
  '--no-warnings',
  'clients.cjs',
  provider.url,
  provider.secure,
  ...libraries,
];

for (const { name, binary, missing } of await nodeVersions([20, 26])) {
  if (missing) console.log(`skipped: ${name} could not be installed: ${missing}`);
  (binary ? describe : describe.skip)(name, () => {
    test('what libraries give is what they give without us', async () => {
      const argv = words(binary!, LIBRARIES);
      const [bare, observed] = await Promise.all([bench.bare(argv, { cwd }), bench.observed(argv, { cwd })]);
      expect([bare.stderr, bare.status, observed.stderr, observed.status]).toEqual(['', 0, '', 0]);
      const facts = readFacts(bare.stdout);
      expect(facts.size).toBeGreaterThan(8_000);
      const ours = withoutOurFrames(readFacts(observed.stdout));
      expect(unexplained(differences(facts, ours), KNOWN)).toEqual([]);
      // And it was observed.
      expect(observed.spans.length).toBeGreaterThan(5 * LIBRARIES.length);
    }, 120_000);
  });
}

test('control: what a bad observer does is found', async () => {
  const argv = words(process.execPath, ['net', 'http', 'fetch']);
  const env = { PLANTED: './planted.cjs' };
  const [bare, planted] = await Promise.all([bench.bare(argv, { cwd }), bench.bare(argv, { cwd, env })]);
  const found = differences(readFacts(bare.stdout), readFacts(planted.stdout));
  const wanted = [
    ...['kind', 'clone'].map(fact => ['fetch open', fact]),
    ...['properties', 'for in', 'inspect', 'listeners'].map(fact => ['http open request', fact]),
    ['http ok', 'stack in data'],
    ['fetch malformed', 'stack'],
    ...['function', 'source'].map(fact => ['globals.fetch', fact]),
    ...['function', 'source'].map(fact => ['http.request', fact]),
    ...['listeners', 'resources', 'globals'].map(fact => ['at start', fact]),
    ['warnings', 'all'],
  ] as const;
  const has = (name: string, fact: string) => found.some(each => each.case === name && each.fact === fact);
  expect(wanted.filter(([name, fact]) => !has(name!, fact!))).toEqual([]);
  expect(unexplained(found, KNOWN).length).toBeGreaterThan(30);
}, 60_000);
