/**
 * nginx as the observed server, and as the client of the server behind it: master and prefork workers, also those of a
 * reload, bodies of 20 B to 10 MB both ways over HTTP/1.1 and HTTP/2. curl knows what it sent and got.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { attachedTo, type Lines, ROOT } from '../attach/attached.js';
import { attachBench, type ExchangeLine, essence, exchangesOf, real, reason } from '../support/attach-bench.js';

const bench = attachBench();
const installed = (program: string) => {
  const { error } = spawnSync(program, ['-V'], { stdio: 'ignore' });
  if (error) process.stderr.write(`skipped: ${program} is not installed\n`);
  return error === undefined;
};
const runs = [installed('nginx'), installed('curl')].every(Boolean);
const ready = runs ? real : test.skip;

const SIZES = { small: 20, page: 65_536, large: 1_000_000, huge: 10_000_000 };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Asked {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly upload?: string;
  readonly headers?: readonly string[];
  readonly status?: number;
  /** Its answer has headers that tell of a body, and no body. */
  readonly bodiless?: true;
}
const ASKED: readonly Asked[] = [
  ...Object.keys(SIZES).map(name => ({ name, path: `/${name}` })),
  { name: 'gzip', path: '/text', headers: ['accept-encoding: gzip'] },
  { name: 'head', path: '/large', method: 'HEAD', bodiless: true },
  { name: 'unchanged', path: '/large', headers: ['if-none-match: "big"'], status: 304, bodiless: true },
  { name: 'range', path: '/huge', headers: ['range: bytes=1000-700999'], status: 206 },
  { name: 'put-large', path: '/put/large', method: 'PUT', upload: 'large', status: 201 },
  { name: 'put-huge', path: '/put/huge', method: 'PUT', upload: 'huge', status: 201 },
  { name: 'proxied', path: '/proxied/p?size=300000', method: 'POST', upload: 'huge' },
];

let port: number;
let nginx: Lines;
const file = (name: string) => path.join(bench.folder, name);
const body = (name: string) => readFileSync(file(name));

beforeEach(async () => {
  if (reason || !runs) return;
  port = await freePort();
  const tls = path.join(ROOT, 'test/fixtures/tls');
  for (const [name, size] of Object.entries(SIZES)) writeFileSync(file(name), randomBytes(size));
  writeFileSync(file('text'), 'A sentence that is said again and again. '.repeat(5_000));
  writeFileSync(
    file('nginx.conf'),
    `daemon off; worker_processes 2; pid ${file('nginx.pid')}; error_log ${file('error.log')}; user root;
events {}
http {
  access_log off; client_max_body_size 20m; keepalive_timeout 60;
  client_body_temp_path ${file('temp')}; proxy_temp_path ${file('proxy')};
  gzip on; gzip_types *; gzip_min_length 1000; gzip_http_version 1.1;
  server {
    listen 127.0.0.1:${port} ssl http2; ssl_certificate ${tls}/server.pem; ssl_certificate_key ${tls}/server.key;
    root ${bench.folder}; default_type text/plain; etag off;
    location = /large { add_header etag '"big"'; if ($http_if_none_match = '"big"') { return 304; } }
    location /put/ { dav_methods PUT; }
    location /proxied/ { proxy_pass https://127.0.0.1:${bench.server.port}/; proxy_http_version 1.1; proxy_set_header connection ''; }
  }
}`,
  );
  nginx = bench.start('nginx', ['-p', bench.folder, '-c', file('nginx.conf')]);
  await reachable(port);
});

const workers = () => {
  const pid = nginx.process.pid!;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
};
/** The port answers as soon as the master has bound it; its workers come a moment later. */
async function untilWorkers(test: (pids: number[]) => boolean): Promise<number[]> {
  while (!test(workers())) await new Promise(resolve => setImmediate(resolve));
  return workers();
}

/** All of it over one connection, each answer into a file of its own. */
function curl(version: string): void {
  const sections = ASKED.map(({ name, path: where, method, upload, headers = [] }) => {
    const lines = [`url = "https://127.0.0.1:${port}${where}"`, `output = "${file(`got-${name}`)}"`];
    // What two cores exchange at their fastest is another test's: attach goes last there, and counts what it loses.
    lines.push('limit-rate = 30M');
    lines.push('insecure', 'silent', 'header = "expect:"', `http${version}`, `header = "x-name: ${name}"`);
    if (method === 'HEAD') lines.push('head');
    else if (method) lines.push(`request = ${method}`);
    if (upload) lines.push(`data-binary = "@${file(upload)}"`);
    return [...lines, ...headers.map(each => `header = "${each.replaceAll('"', '\\"')}"`)].join('\n');
  });
  rmSync(file('put'), { recursive: true, force: true });
  mkdirSync(file('put'));
  writeFileSync(file('curl'), sections.join('\nnext\n'));
  const { status, stderr } = spawnSync('curl', ['-K', file('curl')], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
}

/** What curl sent and got, against what we saw nginx receive and send. */
function compare(lines: readonly ExchangeLine[], protocol: string): void {
  const served = new Map(
    lines.filter(each => each.role === 'server').map(each => [each.request_headers['x-name'], each]),
  );
  expect([...served.keys()].sort()).toEqual(ASKED.map(each => each.name).sort());
  for (const { name, path: where, method = 'GET', upload, status = 200, bodiless } of ASKED) {
    const sent = upload ? body(upload) : Buffer.alloc(0);
    const got = bodiless ? Buffer.alloc(0) : body(`got-${name}`);
    expect(served.get(name)).toMatchObject({
      ...{ method, path: where, status, protocol, partial: [] },
      ...{ request_size: sent.length, request_sha256: sha256(sent) },
      ...{ response_size: got.length, response_sha256: sha256(got) },
    });
  }
  const compressed = served.get('gzip')!;
  expect(compressed.response_headers['content-encoding']).toBe('gzip');
  expect(compressed.response_size).toBeLessThan(10_000);
}

ready('bodies of every size both ways, by workers of now and of a reload, over HTTP/1.1 and HTTP/2', async () => {
  const first = await untilWorkers(pids => pids.length === 2);
  const observer = await bench.observe([nginx.process.pid!, ...first]);
  curl('1.1');
  nginx.process.kill('SIGHUP');
  const second = await untilWorkers(pids => pids.length === 2 && !pids.some(pid => first.includes(pid)));
  await attachedTo(observer, ...second);
  curl('2');
  const proxied = ASKED.filter(each => each.path.startsWith('/proxied')).length;
  const all = 2 * (ASKED.length + proxied);
  await observer.line(() => observer.seen.length >= all);
  expect(await observer.kill('SIGINT')).toBe(0);
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
  const seen = exchangesOf(observer);
  expect(seen).toHaveLength(all);
  compare(
    seen.filter(each => each.protocol === 'http/1.1' && first.includes(each.pid)),
    'http/1.1',
  );
  compare(
    seen.filter(each => each.protocol === 'h2' && second.includes(each.pid)),
    'h2',
  );
  const asClient = seen.filter(each => each.role === 'client');
  expect(essence(asClient)).toEqual(essence(bench.server.take()));
  for (const each of asClient) expect(each).toMatchObject({ protocol: 'http/1.1', status: 200, partial: [] });
  expect(readdirSync(file('put')).sort()).toEqual(['huge', 'large']);
});

async function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
}

async function reachable(where: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>(resolve => {
      const socket = connect(where, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise(resolve => setImmediate(resolve));
  }
}
