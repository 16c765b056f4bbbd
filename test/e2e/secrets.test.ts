/**
 * No output shows a credential of the program, wherever it stood: a few hundred forms and places, each with a random value
 * of its own, sent by real programs and searched for in every byte that leaves us. What the same search must find are
 * harmless words from the very same texts, exactly where content is on.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { attachedTo, pidOf, start, startAttach } from '../attach/attached.js';
import { reason as noAttach } from '../support/attach-bench.js';
import { cleanEnvironment, LAUNCH, type Run, run } from '../support/launcher.js';
import { findObservers, observersLeave } from '../support/observers.js';
import { pageAnswers } from '../support/secrets/page-answers.js';
import { Planter } from '../support/secrets/planted-secrets.js';
import { filesBelow, isShown, type Outputs, shown } from '../support/secrets/search.js';
import {
  CONTENT_PLACES,
  endOf,
  NAMING_PLACES,
  type SecretProvider,
  secretExchanges,
  startSecretProvider,
} from '../support/secrets/secret-exchanges.js';
import { listen } from '../support/servers.js';

// Real programs on a machine that may be busy.
jest.setTimeout(120_000);

const CAPTURES = ['off', 'span', 'event', 'both'] as const;
const SUPPORT = path.resolve(import.meta.dirname, '../support/secrets');
const PROGRAMS = {
  python: ['python3', path.join(SUPPORT, 'secret-client.py')],
  node: ['node', path.join(SUPPORT, 'secret-client.mjs')],
} as const;

const planter = new Planter();
const exchanges = secretExchanges(planter);
const { secrets } = planter;
/** What the program is started with: its words and its environment. */
const programWords = [
  ...['--password', planter.word('word after --password')],
  `--api-key=${planter.word('word with --api-key=')}`,
  planter.one('word of a known form'),
  `postgresql://app:${planter.word('address among the words')}@db.internal/shop`,
];
const programEnv = (proxy: string): NodeJS.ProcessEnv => ({
  OPENAI_API_KEY: planter.one('OPENAI_API_KEY'),
  DB_PASSWORD: planter.word('DB_PASSWORD'),
  DATABASE_URL: `postgresql://app:${planter.word('DATABASE_URL')}@db.internal/shop`,
  HTTPS_PROXY: `http://ada:${planter.word('HTTPS_PROXY')}@127.0.0.1:9`,
  APP_PROXY: proxy.replace('//', `//ada:${planter.word('APP_PROXY')}@`),
  OTEL_SERVICE_NAME: `shop-${planter.one('OTEL_SERVICE_NAME')}`,
  OTEL_RESOURCE_ATTRIBUTES: `team=${planter.one('OTEL_RESOURCE_ATTRIBUTES', 'huggingface')},db.password=${planter.word('attribute db.password')}`,
});

let folder: string;
let plan: string;
let provider: SecretProvider;
let env: NodeJS.ProcessEnv;
let endpoint: string;
let closeCollector: () => Promise<void>;
const received: Buffer[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'secrets-'));
  provider = await startSecretProvider(exchanges);
  plan = path.join(folder, 'plan.json');
  writeFileSync(plan, JSON.stringify(exchanges));
  env = programEnv(provider.http);
  const collector = await listen(
    createServer(async (request, response) => {
      received.push(Buffer.from(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n`));
      received.push(await buffer(request));
      response.setHeader('content-type', 'application/x-protobuf').end();
    }),
  );
  endpoint = `http://127.0.0.1:${collector.port}`;
  closeCollector = collector.close;
});

afterAll(async () => {
  for (const { pid } of findObservers(folder)) process.kill(pid, 'SIGKILL');
  await provider?.close();
  await closeCollector?.();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  received.length = 0;
});

/** Each test has a cache of its own, with all that we keep in it. */
let count = 0;
function ourPlaces() {
  const place = path.join(folder, `ours-${++count}`);
  mkdirSync(place);
  const cache = path.join(place, 'cache');
  return {
    place,
    env: {
      OPENLIT_INSTRUMENT_CACHE_DIR: cache,
      OPENLIT_INSTRUMENT_STATUS_FILE: path.join(place, 'status'),
      OPENLIT_INSTRUMENT_DEBUG: '1',
      XDG_RUNTIME_DIR: folder,
    },
    /** All files but the settings that a launch leaves for its observer: those are the user's own, and nobody else's. */
    files(): Outputs {
      const files = Object.entries(filesBelow(place));
      const modes = files.filter(([name]) => name.startsWith('cache/'));
      for (const [name] of modes) expect([name, statSync(path.join(place, name)).mode & 0o077]).toEqual([name, 0]);
      return Object.fromEntries(files.filter(([name]) => !name.startsWith('cache/launches/')));
    },
  };
}

/**
 * Nothing of a secret; what was said exactly where content is on, from its first word to its last; names always.
 * @param harmless where to look for the words that are none
 */
function expectPrivate(outputs: Outputs, content: readonly string[], harmless = outputs): void {
  expect(shown(secrets, outputs)).toEqual([]);
  const all = Buffer.concat(Object.values(harmless).map(each => Buffer.from(each)));
  const found = (places: readonly string[]) => places.filter(place => isShown(planter.controls.get(place)!, all));
  expect(found(NAMING_PLACES)).toEqual(NAMING_PLACES);
  expect(found(CONTENT_PLACES)).toEqual(content);
  // Messages of errors are cut.
  const whole = content.filter(place => place !== 'error message').map(endOf);
  expect(found(CONTENT_PLACES.map(endOf))).toEqual(whole);
}

/** MCP has no events, so its content is in spans alone. */
const CONTENT = {
  off: [],
  span: CONTENT_PLACES,
  event: CONTENT_PLACES.filter(place => !place.startsWith('mcp')),
  both: CONTENT_PLACES,
} as const;

/** What shows calls that were kept. */
const KEPT_WORDS = [
  ['runs', '--json'],
  ['show'],
  ['show', '--json'],
  ['show', '--by', 'session'],
  ...['csv', 'otlp', 'har'].map(format => ['show', '--export', format]),
];

const texts = ({ stdout, stderr }: Run): Outputs => ({ stdout, stderr });

describe.each(Object.entries(PROGRAMS))('launched: %s', (_name, program) => {
  const launched = async (flags: readonly string[], ours: NodeJS.ProcessEnv): Promise<Run> => {
    const words = [...program, provider.http, plan, ...programWords];
    const ran = await run([...LAUNCH, ...flags, '--', ...words], { env: cleanEnvironment({ ...env, ...ours }) });
    expect(ran.stdout).toContain(
      '[200,200,401,200,200,200,200,200,200]'.replaceAll(',', program[0] === 'node' ? ',' : ', '),
    );
    return ran;
  };

  test.each(CAPTURES)('to an endpoint, content %s', async capture => {
    const ours = ourPlaces();
    const flags = ['--endpoint', endpoint, '--compression', capture === 'both' ? 'gzip' : 'none'];
    const ran = await launched([...flags, `--capture-content=${capture}`], ours.env);
    await observersLeave(folder);
    const otlp = Buffer.concat(received);
    expect(isShown('gen_ai.client.operation.duration', otlp)).toBe(true);
    expectPrivate({ otlp, ...texts(ran), ...ours.files() }, CONTENT[capture], { otlp });
  });

  test.each(['off', 'both'] as const)('in the local view, content %s', async capture => {
    const ours = ourPlaces();
    const summary = path.join(ours.place, 'summary');
    const flags = ['--live', '--verbose', '--summary-json', summary, `--capture-content=${capture}`];
    const ran = await launched(flags, ours.env);
    const files = ours.files();
    expect(Object.keys(files)).toEqual(expect.arrayContaining([expect.stringMatching(/runs\/.*ndjson$/), 'summary']));
    expectPrivate({ ...texts(ran), ...files }, capture === 'off' ? [] : CONTENT_PLACES, files);
    const keptEnv = cleanEnvironment({ ...env, ...ours.env });
    for (const words of KEPT_WORDS) {
      const { stdout, stderr, status } = await run([...LAUNCH, ...words], { env: keptEnv });
      expect([words, status, stdout.length > 200]).toEqual([words, 0, true]);
      expect(shown(secrets, { stdout, stderr })).toEqual([]);
    }
    const answers = await pageAnswers(keptEnv);
    expect(shown(secrets, answers)).toEqual([]);
    expect(Object.keys(answers).filter(route => route.startsWith('/api/call?')).length).toBeGreaterThan(5);
    const exported = await run([...LAUNCH, 'show', '--export', 'json'], { env: keptEnv });
    expectPrivate(texts(exported), capture === 'off' ? [] : CONTENT_PLACES);
  });
});

const real = noAttach ? describe.skip : describe;
real('attached', () => {
  const attached = async (flags: readonly string[]) => {
    const words = [PROGRAMS.python[1], provider.https, plan, ...programWords];
    const program = start(PROGRAMS.python[0], words, { env: cleanEnvironment({ ...env, WAIT: '1' }) });
    const pid = await pidOf(program);
    const observer = startAttach('--pid', `${pid}`, ...flags);
    try {
      await attachedTo(observer, pid);
      program.say('go');
      await program.line(line => line === 'done');
      await program.end();
      expect(await observer.exited).toBe(0);
      return { stdout: observer.seen.join('\n'), stderr: observer.errors.join('\n') };
    } finally {
      await observer.kill();
      await program.kill();
    }
  };

  test.each(CAPTURES)('to an endpoint and as JSON, content %s', async capture => {
    const said = await attached([
      ...['--endpoint', endpoint, '--format', 'json', '--live', '--verbose', `--capture-content=${capture}`],
    ]);
    const otlp = Buffer.concat(received);
    expectPrivate({ otlp, ...said }, CONTENT[capture], { otlp });
    expectPrivate(said, capture === 'off' ? [] : CONTENT_PLACES, { stdout: said.stdout });
  });

  test('as exchanges', async () => {
    const said = await attached(['--format', 'exchanges']);
    expect(shown(secrets, said)).toEqual([]);
    expect(said.stdout).toContain('/v1/chat/completions?api_key=');
  });
});

describe('decode', () => {
  const lines = () =>
    exchanges.map((each, index) =>
      JSON.stringify({
        id: `${index}`,
        host: 'api.openai.com',
        method: 'POST',
        path: each.path,
        request_headers: each.headers,
        response_headers: each.responseHeaders,
        status: each.status,
        request_body: Buffer.from(each.body).toString('base64'),
        response_body: Buffer.from(each.responseBody).toString('base64'),
      }),
    );

  test.each([false, true])('content %s', async content => {
    const words = ['decode', '-', ...(content ? ['--capture-content'] : [])];
    const ran = await run([...LAUNCH, ...words], { input: lines().join('\n'), env: cleanEnvironment(env) });
    expect(ran.status).toBe(0);
    expectPrivate(texts(ran), content ? CONTENT_PLACES : []);
  });
});

describe('commands', () => {
  const program = () => [...PROGRAMS.python, provider.http, plan, ...programWords];
  const said = async (words: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const ours = ourPlaces();
    const ran = await run([...LAUNCH, ...words], { env: cleanEnvironment({ ...env, ...ours.env, ...more }) });
    // What an observer could not send it writes into its log.
    await observersLeave(folder);
    return { ...texts(ran), ...ours.files() };
  };

  test('config, --dry-run and doctor, as text and as JSON', async () => {
    const settings = [
      '--endpoint',
      `http://ada:${planter.word('user of the endpoint')}@127.0.0.1:9/?token=${planter.word('token of the endpoint')}`,
    ];
    const variables = {
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${planter.word('our header')}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: settings[1],
      OPENLIT_API_KEY: planter.word('our key'),
    };
    const outputs: Record<string, Buffer | string> = {};
    for (const json of [[], ['--json']]) {
      for (const [name, words, more] of [
        ['config', ['config', ...json]],
        ['config --all', ['config', '--all', ...json]],
        ['--dry-run', ['--dry-run', ...json, ...settings, '--', ...program()]],
        ['doctor', ['doctor', ...json, ...settings, '--', ...program()]],
        ['a launch to nobody', [...settings, '--', ...program()]],
        ['a launch behind a dead proxy', ['--endpoint', 'https://collector.internal:4318', '--', ...program()]],
        ['a flag that is wrong', [`--timeout=${planter.one('value of a flag')}`, 'true']],
        ['an unknown flag', [`--tokens=${planter.one('value of no flag')}`, 'true']],
        ['a variable that is wrong', ['true'], { OTEL_EXPORTER_OTLP_TIMEOUT: planter.one('value of a variable') }],
      ] as [string, string[], NodeJS.ProcessEnv?][]) {
        for (const [output, text] of Object.entries(await said(words, { ...variables, ...more })))
          outputs[`${[name, ...json].join(' ')}: ${output}`] = text;
      }
    }
    expect(shown(secrets, outputs)).toEqual([]);
    expect(String(outputs['a launch to nobody: cache/observer.log'])).toContain('127.0.0.1:9');
    expect(outputs['doctor: stdout']).toContain('127.0.0.1:9');
    expect(outputs['--dry-run --json: stdout']).toContain('secret-client.py');
  });

  test('ps and doctor of a running program', async () => {
    const running = start(program()[0]!, program().slice(1), { env: cleanEnvironment({ ...env, WAIT: '1' }) });
    try {
      const pid = await pidOf(running);
      const outputs = {
        ps: (await said(['ps', '--all'])).stdout!,
        'ps --json': (await said(['ps', '--all', '--json'])).stdout!,
        'attach --explain': (await said(['attach', '--pid', `${pid}`, '--explain'])).stdout!,
        'doctor --pid': (await said(['doctor', '--pid', `${pid}`, '--seconds', '1'])).stdout!,
      };
      expect(shown(secrets, outputs)).toEqual([]);
      expect(outputs['ps --json']).toContain('secret-client.py');
      expect(outputs['ps --json']).toContain('OPENAI_API_KEY');
    } finally {
      await running.kill();
    }
  });
});

test('the search finds what is there: as it is, in parts, in base64, in hex, packed', async () => {
  const { gzipSync } = await import('node:zlib');
  const [secret] = secrets;
  const whole = `before ${secret!.core} after`;
  for (const bytes of [
    whole,
    secret!.core.slice(0, 12),
    secret!.core.slice(-12),
    Buffer.from(whole).toString('base64'),
    Buffer.from(` ${whole}`).toString('base64url'),
    Buffer.from(`  ${whole}`).toString('base64'),
    Buffer.from(whole).toString('hex'),
    encodeURIComponent(whole),
    Buffer.concat([Buffer.from('first'), gzipSync(whole), Buffer.from('last')]),
  ])
    expect(shown([secret!], { output: bytes })).toEqual([`${secret!.name}, in output`]);
  expect(shown(secrets, { plan: readFileSync(plan) }).length).toBeGreaterThan(500);
});
