/** Each rule of the page's server, attacked. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newFolder } from '../store/kept.js';
import { keepConversations } from './conversations.js';
import { IDLE, type Served, serve } from './served.js';

let served: Served;
beforeAll(async () => {
  const folder = newFolder();
  keepConversations(folder);
  served = await serve(folder);
});
afterAll(async () => served.close());

const JSON_TYPE = { 'content-type': 'application/json' };
/** Everything that answers with calls or does something. */
const TARGETS = [
  '/api/state',
  '/api/calls',
  '/api/call?id=0000000000000064',
  '/api/runs',
  '/api/sessions',
  '/api/processes',
  '/api/events',
];

describe('a name that was made to lead here (DNS rebinding)', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    'localhost',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.evil.example:PORT',
    '0.0.0.0:PORT',
    '[::1',
  ])('Host %j gets nothing, not even the page', async host => {
    const headers = { host: host.replace('PORT', String(served.port)), cookie: await served.cookie() };
    for (const target of ['/', '/page.js', ...TARGETS]) {
      const { status, body } = await served.ask(target, { headers });
      expect([target, status]).toEqual([target, 403]);
      expect(body).not.toContain('gpt-4o');
    }
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('Host %s with the port is admitted', async name => {
    const { status } = await served.ask('/', { headers: { host: `${name}:${served.port}` } });
    expect(status).toBe(200);
  });
});

describe('another site asks', () => {
  const own = () => `http://127.0.0.1:${served.port}`;
  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['the same host by https', { origin: 'https://127.0.0.1' }],
    ['the browser says cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['the browser says same-site', { 'sec-fetch-site': 'same-site' }],
  ])('%s: refused, with the right cookie too', async (_, headers) => {
    const cookie = await served.cookie();
    for (const target of TARGETS) {
      const { status } = await served.ask(target, { headers: { ...headers, cookie } });
      expect([target, status]).toEqual([target, 403]);
    }
    const body = JSON.stringify({ token: served.token });
    const post = await served.ask('/api/session-token', {
      method: 'POST',
      headers: { ...headers, ...JSON_TYPE },
      body,
    });
    expect([post.status, post.headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('the own origin is admitted', async () => {
    const headers = { origin: own(), 'sec-fetch-site': 'same-origin', cookie: await served.cookie() };
    expect((await served.ask('/api/state', { headers })).status).toBe(200);
  });

  test('an origin that is ours by another name is not the one of this request', async () => {
    const headers = { origin: `http://localhost:${served.port}`, cookie: await served.cookie() };
    expect((await served.ask('/api/state', { headers })).status).toBe(403);
  });

  test('no answer allows other origins anything, a question for leave neither', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const asked = await served.ask('/api/calls', { method: 'OPTIONS', headers });
    expect(asked.status).toBe(405);
    for (const reply of [
      asked,
      await served.ask('/'),
      await served.ask('/api/state', { headers: { cookie: await served.cookie() } }),
    ])
      expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('without the token', () => {
  test.each(TARGETS)('%s answers 401', async target => {
    expect((await served.ask(target)).status).toBe(401);
    expect((await served.ask(target, { headers: { cookie: `openlit_ui_${served.port}=wrong` } })).status).toBe(401);
    // The token is no cookie, and no word of an address.
    expect(
      (await served.ask(target, { headers: { cookie: `openlit_ui_${served.port}=${served.token}` } })).status,
    ).toBe(401);
    expect((await served.ask(`${target}${target.includes('?') ? '&' : '?'}token=${served.token}`)).status).toBe(401);
  });

  test.each([['wrong'], [''], [null], [1], [['a']], [{}]])('%j is no token', async token => {
    const reply = await served.ask('/api/session-token', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ token }),
    });
    expect([reply.status, reply.headers['set-cookie']]).toEqual([401, undefined]);
  });

  test('the cookie is for this site alone, and for no script', async () => {
    const { headers } = await served.ask('/api/session-token', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ token: served.token }),
    });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^openlit_ui_\d+=[\w-]{40,}; HttpOnly; SameSite=Strict; Path=\/api$/);
    expect(cookie).not.toContain(served.token);
  });

  test('two servers have different tokens', async () => {
    const other = await serve(newFolder());
    expect(other.token).not.toBe(served.token);
    expect(other.token.length).toBeGreaterThan(30);
    await other.close();
  });
});

describe('forms and bodies', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '', 'text/json'])(
    'a POST of type %j is refused',
    async type => {
      const headers = type === '' ? {} : { 'content-type': type };
      const reply = await served.ask('/api/session-token', {
        method: 'POST',
        headers,
        body: JSON.stringify({ token: served.token }),
      });
      expect(reply.status).toBe(415);
    },
  );

  test.each(['', 'null', '[]', '{', '"text"'])('the body %j is refused', async body => {
    expect((await served.ask('/api/session-token', { method: 'POST', headers: JSON_TYPE, body })).status).toBe(400);
  });

  test('a body without end is refused', async () => {
    const body = JSON.stringify({ token: 'x'.repeat(100_000) });
    expect((await served.ask('/api/session-token', { method: 'POST', headers: JSON_TYPE, body })).status).toBe(413);
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'TRACE'])('%s is not known', async method => {
    expect((await served.ask('/', { method })).status).toBe(405);
  });
});

test.each([
  '/../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/package.json',
  '/page.js/../../../package.json',
  '/./page.js',
  '//page.js',
  '/page.js%00.html',
  '/..\\package.json',
  '/etc/passwd',
  '/api/../page.js',
  '/constructor',
  '/__proto__',
  '/api/constructor',
])('%s is no file of the page', async target => {
  const { status, body } = await served.ask(target, { headers: { cookie: await served.cookie() } });
  expect(status).toBe(404);
  expect(body).not.toMatch(/"name"|root:/);
});

test('every answer says what the browser may do with it', async () => {
  const cookie = await served.cookie();
  for (const target of ['/', '/page.js', '/api/state', '/nothing', '/api/call?id=1']) {
    const { headers } = await served.ask(target, { headers: { cookie } });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    if (target.startsWith('/api/')) expect(headers['cache-control']).toBe('no-store');
  }
});

describe('actions', () => {
  const body = JSON.stringify({ pid: 4242 });

  test('nothing is started where actions are not allowed', async () => {
    const headers = { ...JSON_TYPE, cookie: await served.cookie() };
    const reply = await served.ask('/api/observe', { method: 'POST', headers, body });
    expect(reply.status).toBe(403);
    expect(reply.body).toContain('--allow-actions');
  });

  test('where they are, only for whom has the cookie, from the page, as JSON, for a process', async () => {
    const started: number[] = [];
    const observe = async (pid: number) => {
      started.push(pid);
      return { pid, state: 'attached' as const };
    };
    const allowed = await serve(newFolder(), { ...IDLE, observe });
    const cookie = await allowed.cookie();
    const post = (headers: Record<string, string>, sent = body) =>
      allowed.ask('/api/observe', { method: 'POST', headers, body: sent });
    expect((await post(JSON_TYPE)).status).toBe(401);
    expect((await post({ cookie })).status).toBe(415);
    expect((await post({ ...JSON_TYPE, cookie, origin: 'https://evil.example' })).status).toBe(403);
    for (const wrong of ['{}', '{"pid":"4242; rm"}', '{"pid":-1}', '{"pid":1.5}'])
      expect((await post({ ...JSON_TYPE, cookie }, wrong)).status).toBe(400);
    expect(await allowed.ask('/api/observe', { headers: { cookie } })).toMatchObject({ status: 404 });
    expect(started).toEqual([]);
    expect((await post({ ...JSON_TYPE, cookie })).status).toBe(200);
    expect(started).toEqual([4242]);
    await allowed.close();
  });
});
