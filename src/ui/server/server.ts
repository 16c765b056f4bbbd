/** The page's server: loopback alone, its own files, questions about kept calls, and a stream of changes. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { follow } from '../../store/follow.js';
import { openReader, type Reader } from '../../store/reader.js';
import type { Change, State } from '../api.js';
import { RequestError, readJson, sendBytes, sendError, sendJson } from './answers.js';
import { createEvents } from './events.js';
import { readPage } from './files.js';
import { createGuard, type Guard } from './guard.js';
import { readQuery } from './query.js';
import { type Context, routeOf, type Services } from './routes.js';
import { createSelections } from './selections.js';
import { createTurns } from './turns.js';

export interface UiOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Where the built page lies. */
  readonly page: string;
  readonly version: string;
  readonly services: Services;
  /** Default: kept calls of this user. */
  readonly reader?: Reader;
  /** Told of a look at the kept calls that failed. */
  readonly notice?: (line: string) => void;
}

export interface Ui {
  readonly port: number;
  /** With the token in its fragment: for the person alone. */
  readonly url: string;
  /** May be called again. */
  close(): Promise<void>;
}

/** Listens, and reads what is kept, now and on. @throws where the port is taken, or the page was not built */
export async function serveUi(options: UiOptions): Promise<Ui> {
  const turns = createTurns();
  const { version, services, reader = openReader({ watched: turns.wait }), notice = () => {} } = options;
  const files = readPage(options.page);
  let reading = true;
  const state = (): State => ({ version, upto: reader.table.length, reading, actions: services.observe !== undefined });
  const context: Context = { reader, services, selections: createSelections(reader), state };
  const events = createEvents(
    (): Change => ({
      upto: reader.table.length,
      reading,
      runs: reader.runs.filter(({ gone }) => !gone).length,
    }),
  );
  let guard: Guard | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = guard!.admits(request);
    if (refusal !== undefined) return sendError(response, refusal.status, refusal.reason);
    // Not joined, not decoded: a path is looked up as it came, so that none leads out of the page's files.
    const [path = '/', words = ''] = (request.url ?? '/').split(/\?(.*)/s);
    if (path !== '/api/events') turns.answering(response);
    const file = request.method === 'POST' ? undefined : files.get(path);
    if (file !== undefined)
      return sendBytes(request, response, file.bytes, { 'content-type': file.type, 'cache-control': 'no-cache' });
    if (path === '/api/session-token' && request.method === 'POST') {
      const cookie = guard!.exchange((await readJson(request))['token']);
      if (cookie === undefined) return sendError(response, 401, 'this token is not the one of this page');
      return sendJson(request, response, {}, { 'set-cookie': cookie });
    }
    const stranger = guard!.knows(request);
    if (stranger !== undefined) return sendError(response, stranger.status, stranger.reason);
    if (path === '/api/events' && request.method === 'GET') return events.open(request, response);
    const route = routeOf(request, path);
    if (route === undefined) return sendError(response, 404, 'there is nothing at this address');
    const waits = new AbortController();
    response.on('close', () => waits.abort());
    const body = request.method === 'POST' ? await readJson(request) : {};
    sendJson(
      request,
      response,
      await route(context, { words: new URLSearchParams(words), body, signal: waits.signal }),
    );
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      if (error instanceof RequestError) return sendError(response, error.status, error.message);
      if (error.name === 'AbortError') return response.destroy();
      notice(`the page asked for ${request.url?.split('?')[0]}: ${error.message}`);
      sendError(response, 500, error.message);
    });
  });
  const { port, close } = await listen(server, options.port);
  guard = createGuard(port);
  const stop = follow(
    reader,
    () => events.changed(),
    error => notice(`the kept calls cannot be read: ${error.message}`),
  );
  // Waits for the look of `follow`: the same files are never read twice.
  const wholeFolder = reader
    .read()
    .catch(() => {})
    .then(async () => {
      reading = false;
      events.changed();
      // What a page asks first is there when it is opened.
      if (closing === undefined) await context.selections.select(readQuery(new URLSearchParams()));
    });
  async function end(): Promise<void> {
    stop();
    turns.close();
    events.close();
    await wholeFolder;
    await close();
  }
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://127.0.0.1:${port}/#token=${guard.token}`,
    close: () => (closing ??= end()),
  };
}

/** No connection outlives the server: pages keep theirs open. */
async function listen(server: Server, wanted: number): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
