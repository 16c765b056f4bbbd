/** A page's server over kept runs of a test, and requests to it as a browser or an attacker would make them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { openReader } from '../../src/store/reader.js';
import type { Services } from '../../src/ui/server/routes.js';
import { serveUi } from '../../src/ui/server/server.js';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Served {
  readonly port: number;
  readonly token: string;
  /** As it stands: nothing of the path is joined or decoded. */
  ask(path: string, asked?: Asked): Promise<Reply>;
  /** With the cookie of the page, and its answer as JSON. */
  json<T>(path: string, asked?: Asked): Promise<T>;
  cookie(): Promise<string>;
  close(): Promise<void>;
}

/** No processes, no actions. */
export const IDLE: Services = { processes: async () => ({ processes: [], unreadable: 0 }) };

/** The page itself is built by `npm run build`; its server needs files of these names. */
function pageFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openlit-page-'));
  for (const name of ['index.html', 'page.js', 'page.css', 'icon.svg']) writeFileSync(path.join(folder, name), name);
  return folder;
}

export async function serve(folder: string, services: Services = IDLE): Promise<Served> {
  const page = pageFolder();
  mkdirSync(folder, { recursive: true });
  const ui = await serveUi({ port: 0, page, version: '0.0.0', services, reader: openReader({ folder }) });
  const { port } = ui;
  const [, token = ''] = /#token=(.+)$/.exec(ui.url) ?? [];

  function ask(target: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const given = { host: `127.0.0.1:${port}`, ...headers };
      const sent = request(
        { host: '127.0.0.1', port, path: target, method, headers: given, agent: false },
        async response => {
          const { statusCode: status = 0, headers } = response;
          if (String(headers['content-type']).startsWith('text/event-stream')) {
            response.destroy();
            return resolve({ status, headers, body: '' });
          }
          resolve({ status, headers, body: await text(response) });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  let known: Promise<string> | undefined;
  const cookie = () =>
    (known ??= ask('/api/session-token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    }).then(({ headers }) => headers['set-cookie']![0]!.split(';')[0]!));

  return {
    port,
    token,
    ask,
    cookie,
    async json(target, asked = {}) {
      const reply = await ask(target, { ...asked, headers: { cookie: await cookie(), ...asked.headers } });
      return JSON.parse(reply.body);
    },
    async close() {
      await ui.close();
      rmSync(page, { recursive: true, force: true });
    },
  };
}
