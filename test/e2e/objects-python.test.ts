/**
 * What client libraries give to a Python program, looked at from all sides, bare and observed: objects and what they hold
 * (types, attributes, `dir`, `repr`, pickles, copies), streams and their ends, errors frame by frame, warnings with their
 * places, and every function of the libraries' own. Sixteen libraries, each with whole answers, streams that are read, left
 * and cut, refusals, timeouts and a server that is not there.
 */
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { differences, type Known, readFacts, unexplained } from '../support/object-facts.js';
import { type ObjectProvider, openObjectProvider } from '../support/object-provider.js';
import type { Bench } from '../support/observed.js';
import { anyPython, environment } from '../support/python-environments.js';
import { openPythonBench } from '../support/python-observed.js';

const cwd = path.resolve(import.meta.dirname, '../support/python-objects');

/** By the environment that has them. */
const LIBRARIES = {
  tap: [
    ...['http_client', 'urllib_request', 'urllib3_client', 'requests_client', 'httpx', 'httpx2', 'aiohttp_client'],
    ...['websockets_client', 'websocket_client', 'openai', 'anthropic'],
  ],
  providers: ['google_genai', 'boto3', 'cohere', 'mistralai', 'groq', 'ollama'],
};

/** What the program can see of us. Each is inside of a library, where no public function leads. */
const KNOWN: readonly Known[] = [
  [/^process$/, /^(meta_path|exits)$/, 'one finder, which sees the imports of libraries, and one function at exit'],
  [/\._openlit_exchange/, /./, 'the exchange that a connection carries is kept with the connection'],
  [
    /^(http\.client raw|(urllib3|requests|boto3) (nowhere|retried) \d\.conn|websockets \w+ open\.protocol)$/,
    /^(attributes|dir|copy|deepcopy|pickle)$/,
    'the same; in a copy it is None, and the object from which http.client reads is of a subclass, which is not pickled',
  ],
  [/^(urllib3|boto3) left/, /^pickle$/, 'the same, in the pool'],
  [/^http\.client raw$/, /^mro$/, 'the object below the buffer, from which http.client reads, is of a subclass'],
  [
    /^http\.client stacklevel$/,
    /^warnings$/,
    'a socket of the program’s own that warns of its third caller: one frame more is there',
  ],
  [/./, /^defaults$/, 'those of a function that we look into are at its `__wrapped__`'],
];

let bench: Bench;
let provider: ObjectProvider;
beforeAll(async () => {
  bench = await openPythonBench();
  provider = await openObjectProvider();
}, 60_000);
afterAll(async () => {
  await bench?.close();
  await provider?.close();
});

const env = { PYTHONHASHSEED: '0' };

test.each(Object.entries(LIBRARIES))(
  'what libraries give is what they give without us: %s',
  async (name, libraries) => {
    const argv = [await environment(name, await anyPython()), 'clients.py', provider.url, ...libraries];
    const [bare, observed] = await Promise.all([bench.bare(argv, { cwd, env }), bench.observed(argv, { cwd, env })]);
    expect([bare.status, observed.status]).toEqual([0, 0]);
    const facts = readFacts(bare.stdout);
    expect(facts.size).toBeGreaterThan(500 * libraries.length);
    expect(unexplained(differences(facts, readFacts(observed.stdout)), KNOWN)).toEqual([]);
    // And it was observed.
    expect(observed.spans.length).toBeGreaterThan(5 * libraries.length);
  },
  600_000,
);

test('control: what a bad observer does to a library is found', async () => {
  const argv = [await environment('tap', await anyPython()), 'clients.py', provider.url, 'httpx'];
  const [bare, planted] = await Promise.all([
    bench.bare(argv, { cwd, env }),
    bench.bare(argv, { cwd, env: { ...env, PLANTED: 'planted' } }),
  ]);
  const found = differences(readFacts(bare.stdout), readFacts(planted.stdout));
  const has = (name: string, fact: string) => found.some(each => each.case === name && each.fact === fact);
  const wanted = [
    ...['type', 'mro', 'attributes', 'dir', 'pickle', 'copy', 'deepcopy'].map(fact => ['httpx whole', fact]),
    ['httpx whole', 'warnings'],
    ['httpx slow', 'traceback'],
    ...['frames', 'locals'].map(fact => ['httpx slow 0', fact]),
    ...['function', 'signature', 'doc', 'source', 'code'].map(fact => ['httpx.Client.send', fact]),
    ['httpx own transport', 'warnings'],
    ['httpx', 'callers'],
    ['process', 'meta_path'],
  ] as const;
  expect(wanted.filter(([name, fact]) => !has(name!, fact!))).toEqual([]);
  expect(unexplained(found, KNOWN).length).toBeGreaterThan(50);
}, 300_000);
