/** Real Node servers and clients; what the decoder says is compared byte by byte with what was sent and received. */
import { createCipheriv, createHash } from 'node:crypto';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect, constants, createServer as createHttp2Server } from 'node:http2';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type CollectedExchange, collectExchanges } from '../../../src/wire/exchange-collector.js';
import { createConnectionDecoder } from '../../../src/wire/protocol/index.js';
import { bytewise, play, randomCut, seeded, whole } from './support.js';
import { listen, startTee, type Tee } from './tee.js';

// Much work on few cores, and nothing that waits for a clock.
jest.setTimeout(120_000);

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Bytes that no decoder can guess, the same for the same seed. */
const randomBytes = (size: number, seed: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size));

interface Sent {
  path: string;
  request: Buffer;
  response: Buffer;
}

function watch() {
  const seen: CollectedExchange[] = [];
  let count = 0;
  const waiting: { count: number; resolve: () => void }[] = [];
  const open = collectExchanges({
    bodyLimit: 64 * 1024 * 1024,
    id: () => String(++count),
    onExchange: one => {
      seen.push(one);
      for (const entry of waiting) if (seen.length >= entry.count) entry.resolve();
    },
  });
  const until = (wanted: number) =>
    new Promise<void>(resolve => {
      waiting.push({ count: wanted, resolve });
      if (seen.length >= wanted) resolve();
    });
  return { seen, open, until };
}

const facts = (one: CollectedExchange) => [one.path, one.status, one.requestSha256, one.responseSha256, one.partial];

function expectExact(seen: readonly CollectedExchange[], sent: readonly Sent[]): void {
  const expected = sent.map(one => [one.path, 200, sha256(one.request), sha256(one.response), []]);
  const byPath = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
  expect(seen.map(facts).sort(byPath)).toEqual(expected.sort(byPath));
}

/** The recorded bytes once more, cut otherwise: the same exchanges. */
function expectSameHowEverCut(tee: Tee, sent: readonly Sent[]): void {
  const random = seeded(5);
  for (const longest of [200, 5_000]) {
    const again = watch();
    for (const record of tee.records) {
      const decoder = createConnectionDecoder(again.open);
      play(decoder, [...record, ['close']], randomCut(random, longest));
    }
    expectExact(again.seen, sent);
  }
}

const sizes = [0, 1, 20, 1_000, 16_384, 70_000, 300_000];

describe('HTTP/1.1', () => {
  const answers = new Map<string, Buffer>();

  async function serve() {
    const server = createServer((incoming, outgoing) => {
      const { pathname, searchParams } = new URL(incoming.url!, 'http://h');
      incoming.on('data', () => {});
      incoming.on('end', () => {
        const body = answers.get(pathname)!;
        if (searchParams.get('mode') === 'length') outgoing.setHeader('content-length', body.length);
        if (searchParams.get('mode') === 'close') {
          outgoing.setHeader('connection', 'close');
          outgoing.useChunkedEncodingByDefault = false;
        }
        for (let at = 0; at < body.length; at += 9_000) outgoing.write(body.subarray(at, at + 9_000));
        outgoing.end();
      });
    });
    const port = await listen(server);
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return port;
  }

  function ask(port: number, agent: Agent, path: string, body: Buffer, chunked: boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = chunked ? {} : { 'content-length': body.length };
      const outgoing = httpRequest(
        { port, host: '127.0.0.1', path, method: 'POST', headers, agent },
        (incoming: IncomingMessage) => {
          const parts: Buffer[] = [];
          incoming.on('data', part => parts.push(part));
          incoming.on('end', () => resolve(Buffer.concat(parts)));
          incoming.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      for (let at = 0; at < body.length; at += 30_000) outgoing.write(body.subarray(at, at + 30_000));
      outgoing.end();
    });
  }

  test.each(['length', 'chunked', 'close'])('bodies of every size, response by %s', async mode => {
    const { seen, open, until } = watch();
    const tee = await startTee(await serve(), open);
    closers.push(() => tee.close());
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    closers.push(() => agent.destroy());
    const sent: Sent[] = await Promise.all(
      sizes.flatMap((requestSize, index) =>
        [false, true].map(async chunked => {
          const request = randomBytes(requestSize, index);
          const response = randomBytes(sizes[sizes.length - 1 - index]!, index + 100);
          const name = `/${index}${chunked}`;
          answers.set(name, response);
          const path = `${name}?mode=${mode}`;
          expect(sha256(await ask(tee.port, agent, path, request, chunked))).toBe(sha256(response));
          return { path, request, response };
        }),
      ),
    );
    await until(sent.length);
    expectExact(seen, sent);
    expectSameHowEverCut(tee, sent);
  });
});

describe('HTTP/2', () => {
  async function serve(answers: Map<string, Buffer>) {
    const server = createHttp2Server({ settings: { maxConcurrentStreams: 200 } });
    server.on('stream', (stream, headers) => {
      stream.on('data', () => {});
      stream.on('end', () => {
        const body = answers.get(headers[':path'] as string)!;
        stream.respond(
          { ':status': 200, 'content-type': 'text/plain', 'x-id': headers[':path'] as string },
          { waitForTrailers: body.length % 2 === 0 },
        );
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        for (let at = 0; at < body.length; at += 9_000) stream.write(body.subarray(at, at + 9_000));
        stream.end();
      });
    });
    const port = await listen(server);
    closers.push(() => void server.close());
    return port;
  }

  function ask(session: ClientHttp2Session, path: string, body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        authorization: 'Bearer abc',
        'x-long': 'v'.repeat(body.length % 3 === 0 ? 20_000 : 10),
      });
      const parts: Buffer[] = [];
      stream.on('data', part => parts.push(part));
      stream.on('end', () => resolve(Buffer.concat(parts)));
      stream.on('error', reject);
      for (let at = 0; at < body.length; at += 30_000) stream.write(body.subarray(at, at + 30_000));
      stream.end();
    });
  }

  test.each([
    ['no padding', constants.PADDING_STRATEGY_NONE],
    ['padding', constants.PADDING_STRATEGY_MAX],
  ])('64 streams at once, with %s', async (_name, paddingStrategy) => {
    const answers = new Map<string, Buffer>();
    const { seen, open, until } = watch();
    const tee = await startTee(await serve(answers), open);
    closers.push(() => tee.close());
    const session = connect(`http://127.0.0.1:${tee.port}`, { paddingStrategy });
    closers.push(() => session.destroy());
    const sent: Sent[] = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const size = sizes[index % (sizes.length - 2)]!;
        const path = `/stream/${index}`;
        const request = randomBytes(size, index);
        const response = randomBytes(sizes[(index * 5) % (sizes.length - 1)]!, index + 100);
        answers.set(path, response);
        expect(sha256(await ask(session, path, request))).toBe(sha256(response));
        return { path, request, response };
      }),
    );
    await until(sent.length);
    expectExact(seen, sent);
    for (const one of seen) {
      expect(one.requestHeaders.authorization).toBe('Bearer abc');
      expect(one.responseHeaders['x-id']).toBe(one.path);
      expect(one).toMatchObject({ role: 'client', protocol: 'h2', host: `127.0.0.1:${tee.port}` });
    }
    expectSameHowEverCut(tee, sent);
  });

  test('joined after any record: bodies right, nothing invented, what is unknown marked', async () => {
    const answers = new Map<string, Buffer>();
    const { open, until } = watch();
    const tee = await startTee(await serve(answers), open);
    closers.push(() => tee.close());
    const session = connect(`http://127.0.0.1:${tee.port}`);
    closers.push(() => session.destroy());
    const sent = new Map<string, Sent>();
    for (let index = 0; index < 12; index++) {
      const path = `/one-by-one/${index % 4}`;
      const one = { path, request: randomBytes(50 + index, index), response: Buffer.from(`answer ${index}`) };
      answers.set(path, one.response);
      await ask(session, path, one.request);
      sent.set(sha256(one.request), one);
    }
    await until(12);
    const [record] = tee.records;
    for (let from = 0; from < record!.length; from++) {
      for (const cut of from % 8 === 0 ? [whole, bytewise] : [whole]) {
        const late = watch();
        const decoder = createConnectionDecoder(late.open);
        play(decoder, record!.slice(from), cut);
        for (const one of late.seen) {
          const truth = sent.get(one.requestSha256!);
          if (!truth) {
            // The request itself began before us; then it is at least marked.
            expect(one.partial.length).toBeGreaterThan(0);
            continue;
          }
          expect(one.responseSha256).toBe(sha256(truth.response));
          expect(one.status).toBe(200);
          expect(one.method).toBe('POST');
          if (one.path === '') expect(one.partial).toContain('headers');
          else expect(one.path).toBe(truth.path);
        }
        // The last request is whole whenever its first record was seen.
        if (from <= record!.length - 12) expect(late.seen.length).toBeGreaterThan(0);
      }
    }
  });
});
