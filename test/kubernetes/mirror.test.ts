/** Copies of what an API server has: lists, watches, and what happens when they end (G6). */
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { createClient, type KubernetesClient } from '../../src/kubernetes/client.js';
import { createMirror, type Mirror } from '../../src/kubernetes/mirror.js';
import { type Answers, type FakeApiServer, startApiServer } from '../support/kubernetes/api-server.js';
import { until } from '../support/observed-session.js';

let server: FakeApiServer | undefined;
let client: KubernetesClient;
let mirror: Mirror<string> | undefined;

afterEach(async () => {
  mirror?.close();
  client?.close();
  await server?.close();
});

async function follow(answers: Answers, relist = 60_000) {
  server = await startApiServer(answers);
  client = createClient(server.connection);
  const notices: string[] = [];
  mirror = createMirror<{ metadata: { name: string }; spec?: string }, string>({
    client,
    path: '/api/v1/things',
    keep: ({ metadata, spec }) => `${metadata.name}=${spec ?? ''}`,
    notice: line => notices.push(line),
    relist,
  });
  return { notices, mirror, asked: server.asked };
}

const named = (name: string, spec = '') => ({ metadata: { name }, spec });
const list = (items: object[], resourceVersion = '1') => ({ body: { items, metadata: { resourceVersion } } });
const send = (response: ServerResponse, type: string, object: object) =>
  response.write(`${JSON.stringify({ type, object })}\n`);

test('a list in pages, then what changes', async () => {
  let open: ServerResponse | undefined;
  const { mirror: things, asked } = await follow(({ query }, response) => {
    if (query.get('watch') !== null) {
      open = response.writeHead(200);
      response.flushHeaders();
      return undefined;
    }
    if (query.get('continue') === 'more') return list([named('b')], '7');
    return { body: { items: [named('a')], metadata: { resourceVersion: '7', continue: 'more' } } };
  });
  expect(things.age()).toBeUndefined();
  await things.ready;
  expect(things.all()).toEqual(['a=', 'b=']);
  await until('it', () => open !== undefined);
  expect(asked.at(-1)!.query.get('resourceVersion')).toBe('7');
  expect(asked[0]!.authorization).toBe('Bearer of-a-test');
  send(open!, 'ADDED', named('c'));
  send(open!, 'MODIFIED', named('a', 'new'));
  send(open!, 'DELETED', named('b'));
  send(open!, 'BOOKMARK', { metadata: { resourceVersion: '9' } });
  await until('it', () => things.get('b') === undefined);
  expect(things.all()).toEqual(['a=new', 'c=']);
  expect(things.age()).toBeLessThan(60_000);
});

test('a watch that says nothing for ever is ended by our own clock, and all is listed anew', async () => {
  let lists = 0;
  const { mirror: things } = await follow(({ query }, response) => {
    if (query.get('watch') !== null) {
      response.writeHead(200);
      response.flushHeaders();
      return undefined;
    }
    lists += 1;
    return list([named(`a${lists}`)]);
  }, -9_900);
  await until('it', () => lists > 2);
  expect(things.get('a1')).toBeUndefined();
});

test('410 Gone in a watch: listed anew, without a word', async () => {
  let lists = 0;
  const { notices } = await follow(({ query }, response) => {
    if (query.get('watch') === null) {
      lists += 1;
      return list([]);
    }
    response.writeHead(200);
    send(response, 'ERROR', { code: 410, message: 'too old resource version' });
    response.end();
    return undefined;
  });
  await until('it', () => lists > 1);
  expect(notices).toEqual([]);
});

test('an API server that refuses, then comes back: said once, and followed again', async () => {
  let asks = 0;
  const { mirror: things, notices } = await follow(({ query }, response) => {
    if (query.get('watch') !== null) {
      response.writeHead(200);
      response.flushHeaders();
      return undefined;
    }
    asks += 1;
    return asks < 3 ? { status: 403, body: { message: 'things is forbidden' } } : list([named('a')]);
  });
  await things.ready;
  expect(things.all()).toEqual(['a=']);
  expect(notices).toEqual(['/api/v1/things cannot be followed: things is forbidden']);
});
