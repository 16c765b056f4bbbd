/** A little of an API server over real TLS: objects by their path, lists and watches of them. For tests of who asks it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Connection } from '../../../src/kubernetes/connection.js';
import { makeAuthority, makeServerCertificate } from '../../../src/runs/operator/make-certificate.js';
import { listen } from '../servers.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** `undefined`: no answer at all. */
export type Answers = (asked: Asked, response: ServerResponse) => { status?: number; body: unknown } | undefined;

export interface FakeApiServer {
  readonly connection: Connection;
  readonly asked: Asked[];
  close(): Promise<void>;
}

const NOW = Date.now();
const authority = makeAuthority(NOW, NOW + 86_400_000);
const keys = makeServerCertificate(authority, ['127.0.0.1'], NOW, NOW + 86_400_000);

export async function startApiServer(answers: Answers): Promise<FakeApiServer> {
  const asked: Asked[] = [];
  const server = https.createServer({ cert: keys.cert, key: keys.key }, async (request, response) => {
    const url = new URL(request.url ?? '/', 'https://x');
    const body = await text(request);
    const one: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      type: request.headers['content-type'],
      authorization: request.headers.authorization,
      body: body === '' ? undefined : JSON.parse(body),
    };
    asked.push(one);
    const answer = answers(one, response);
    if (answer === undefined) return;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  const { port, close } = await listen(server);
  return {
    connection: {
      server: new URL(`https://127.0.0.1:${port}`),
      ca: authority.cert,
      token: () => 'of-a-test',
      insecure: false,
    },
    asked,
    close,
  };
}

export const notFound = { status: 404, body: { kind: 'Status', message: 'not found', code: 404 } };

/** A folder that is gone after `use`. */
export async function withFolder(files: Record<string, string>, use: (folder: string) => unknown): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kubernetes-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
