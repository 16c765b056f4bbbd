/** What the taps hand over: every call, and as little else as can be; and what is made from the formats is not stale. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { GENERATED } from '../../../scripts/generated-files.js';
import type { Exchange } from '../../../src/wire/exchange.js';
import { lookAhead } from '../../../src/wire/providers/recognize/look-ahead.js';
import { ROUTES } from '../../../src/wire/providers/recognize/routes.js';
import { pathOf, splitHost } from '../../../src/wire/providers/recognize/target.js';
import { corpusFile, readCorpus } from '../../support/corpus.js';
import { wireFixtures } from '../../support/wire-fixtures.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const LOOK = 4_096;

const expressions = lookAhead();
const compiled = Object.fromEntries(
  Object.entries(expressions).map(([name, source]) => [name, new RegExp(source)]),
) as Record<keyof typeof expressions, RegExp>;

/** What a tap knows of a request. */
interface Look {
  method: string;
  path: string;
  host: string;
  headers: string[];
  /** Of a JSON body, as Latin-1. */
  body: string;
}

function lookAt({ method, path: target, host, requestHeaders, requestBody }: Exchange): Look {
  const isJson = (requestHeaders['content-type'] ?? '').includes('json');
  return {
    method,
    path: pathOf(target),
    host: host === undefined ? '' : splitHost(host).name,
    headers: Object.keys(requestHeaders),
    body: isJson ? Buffer.from(requestBody?.subarray(0, LOOK) ?? []).toString('latin1') : '',
  };
}

/** Why a tap would hand a request over. */
function reasons({ method, path: name, host, headers, body }: Look): string[] {
  const found = headers.some(header => compiled.header.test(header)) ? ['header'] : [];
  if ((method === 'GET' || method === 'CONNECT') && compiled.getPath.test(name)) found.push('path');
  if (method !== 'POST') return found;
  if (compiled.path.test(name)) found.push('path');
  if (compiled.host.test(host)) found.push('host');
  if (!compiled.closedHost.test(host) && compiled.body.test(body)) found.push('body');
  return found;
}

const fixtures = wireFixtures();

test('every call of the fixtures passes', () => {
  const missed = fixtures.filter(
    ({ exchange, expected }) => expected !== null && reasons(lookAt(exchange)).length === 0,
  );
  expect(missed.map(({ name }) => name)).toEqual([]);
});

test('every route passes by its path, or else by its hosts', () => {
  for (const { method, end, contains, lookAhead: own } of ROUTES) {
    if (own !== undefined) continue;
    const begin = `/gateway${contains === undefined ? '' : `${contains}some.model-v1:0`}${end}`;
    const [whole, expression] = method === 'GET' ? [`${begin}/an-id`, compiled.getPath] : [begin, compiled.path];
    expect([whole, expression.test(whole)]).toEqual([whole, true]);
  }
  expect(compiled.path.test('/v1beta/interactions')).toBe(true);
  expect(compiled.path.test('/social/interactions')).toBe(false);
  expect(compiled.getPath.test('/v1beta/interactions/v1_i')).toBe(true);
  for (const host of ['router.huggingface.co', 'x.eu-west-1.aws.endpoints.huggingface.cloud'])
    expect([host, compiled.host.test(host)]).toEqual([host, true]);
});

describe('the first bytes of a body on a path that nobody knows', () => {
  const passes = (body: unknown) => compiled.body.test(JSON.stringify(body).slice(0, LOOK));

  test.each([
    ['a chat', { model: 'm', messages: [{ role: 'user', content: 'x' }] }],
    ['a chat whose tools come first', { model: 'm', tools: [{ name: 'x'.repeat(5_000) }], messages: [{}] }],
    ['Gemini', { contents: [{ parts: [{ text: 'x' }] }] }],
    ['Responses with long instructions', { model: 'm', instructions: 'x'.repeat(5_000), input: 'x' }],
    ['embeddings', { input: ['x'], model: 'text-embedding-3-small' }],
    ['MCP', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} }],
    ['an answer to MCP', { result: { roots: [] }, jsonrpc: '2.0', id: 3 }],
  ])('%s passes', (_, body) => {
    expect(passes(body)).toBe(true);
  });

  test.each([
    ['GraphQL', { query: 'mutation($input: X!) { a }', variables: { input: { messages: 'x' } } }],
    ['Ethereum', { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{}] }],
    ['an order', { items: [{ id: 1, model: 'x' }], total: 3 }],
    ['words that are quoted', { text: '{"messages":[{"role":"user"}]}' }],
    ['a span', { resourceSpans: [{ attributes: [{ key: 'gen_ai.input.messages', value: '[]' }] }] }],
  ])('%s does not', (_, body) => {
    expect(passes(body)).toBe(false);
  });
});

const file = corpusFile(ROOT);

(file === undefined ? test.skip : test)(
  `the corpus${file === undefined ? ' (not beside this clone)' : ''}: every call passes, of the rest few do`,
  async () => {
    const missed: string[] = [];
    const passed: string[] = [];
    let others = 0;
    for await (const { exchange, expected } of readCorpus(file!)) {
      const why = reasons(lookAt(exchange));
      if (expected !== null && why.length === 0) missed.push(exchange.id);
      if (expected !== null) continue;
      others++;
      if (why.length > 0) passed.push(`${why.join('+')} ${exchange.method} ${exchange.host}${pathOf(exchange.path)}`);
    }
    console.log(
      `look-ahead: ${passed.length} of ${others} exchanges that are no calls are handed over\n${passed.join('\n')}`,
    );
    expect(missed).toEqual([]);
    expect(passed.length).toBeLessThan(others / 10);
  },
);

describe('files made from the formats', () => {
  test.each(GENERATED.map(generated => [generated.file, generated] as const))('%s is not stale', (name, { text }) => {
    const before = readFileSync(path.join(ROOT, name), 'utf8');
    // `npm run build` writes it anew.
    expect(text(before)).toBe(before);
  });

  test('Python reads the expressions as JavaScript does', () => {
    const looks = fixtures.map(({ exchange }) => lookAt(exchange));
    const program = [
      'import json, re, sys',
      'import lookahead as l',
      'def reasons(r):',
      "    out = ['header'] if any(re.search(l.HEADER, h) for h in r['headers']) else []",
      "    if r['method'] in ('GET', 'CONNECT') and re.search(l.GET_PATH, r['path']): out.append('path')",
      "    if r['method'] != 'POST': return out",
      "    if re.search(l.PATH, r['path']): out.append('path')",
      "    if re.search(l.HOST, r['host']): out.append('host')",
      "    if not re.search(l.CLOSED_HOST, r['host']) and re.search(l.BODY.encode(), r['body'].encode('latin-1')): out.append('body')",
      '    return out',
      'print(json.dumps([reasons(r) for r in json.load(sys.stdin)]))',
    ].join('\n');
    const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
      cwd: path.join(ROOT, 'src/bootstrap/python/openlit_bootstrap'),
      input: JSON.stringify(looks),
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: '.' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(looks.map(reasons));
  });
});
