/**
 * Real provider names that lead to the replaying server: a hosts file that only the clients see (a mount namespace of
 * their own), and a certificate for these names by an authority that only they trust.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Json } from '../../../src/receive/otlp-json.js';
import { cleanEnvironment } from '../launcher.js';
import type { Answer } from './answers.js';
import { startTalker } from './talker.js';

const SERVER = path.join(import.meta.dirname, 'server.mjs');
const CERTIFICATE = path.resolve(import.meta.dirname, '../python-programs/certificate.py');

/** What the server saw and did, times in nanoseconds of its monotonic clock. */
export interface Served {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  readonly body: Buffer;
  readonly received: bigint;
  /** `received` as Unix time, by whole milliseconds. */
  readonly unix: bigint;
  /** Before each chunk was written. */
  readonly written: readonly bigint[];
  readonly ended: bigint;
}

export interface ProviderNetwork {
  /** The address of a recorded host and path. */
  url(host: string, path: string): string;
  /** Words that start a program where the names lead to us. */
  inside(argv: readonly string[]): [command: string, args: string[]];
  readonly env: NodeJS.ProcessEnv;
  /** Requests that nobody had announced, such as a client's second try. */
  readonly unexpected: readonly string[];
  /** Answers the request that `ask` makes, and tells what the server saw; undefined where `ask` made none. */
  serve(id: string, answer: Answer, ask: () => Promise<void>): Promise<Served | undefined>;
  close(): Promise<void>;
}

/** Why this cannot be done here; undefined where it can. */
export function noNetwork(): string | undefined {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `unshare --mount: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** @param python an interpreter that has `cryptography` */
export async function openProviderNetwork(hosts: readonly string[], python: string): Promise<ProviderNetwork> {
  const folder = mkdtempSync(path.join(tmpdir(), 'openlit-providers-'));
  const names = [...new Set(['localhost', ...hosts.map(nameOf)])];
  execFileSync(python, [CERTIFICATE, folder, ...names], { stdio: 'pipe' });
  // Each network has an address of its own, so that two of them can have port 443.
  const address = `127.77.${process.pid % 250}.${1 + Math.floor(Math.random() * 250)}`;
  writeFileSync(path.join(folder, 'hosts'), names.map(name => `${address} ${name}\n`).join(''));
  const files = ['server.pem', 'server.key'].map(file => path.join(folder, file));
  const server = startTalker(process.execPath, [SERVER, address, ...files]);
  const { port } = await server.next();
  const unexpected: string[] = [];
  const ca = path.join(folder, 'ca.pem');
  return {
    url: (host, target) => `https://${nameOf(host)}${port === 443 ? '' : `:${port}`}${target}`,
    inside: argv => [
      'unshare',
      ['--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', path.join(folder, 'hosts'), ...argv],
    ],
    env: cleanEnvironment({
      SSL_CERT_FILE: ca,
      REQUESTS_CA_BUNDLE: ca,
      AWS_CA_BUNDLE: ca,
      NODE_EXTRA_CA_CERTS: ca,
      AWS_EC2_METADATA_DISABLED: 'true',
    }),
    unexpected,
    async serve(id, { status, headers, chunks }, ask) {
      const answers: Record<string, Json> = {};
      const answer = async (name: string): Promise<Json> => {
        while (answers[name] === undefined) {
          const line = await server.next();
          const known = ['armed', 'id', 'forgotten'].find(each => each in line);
          if (known === undefined) unexpected.push(JSON.stringify(line));
          else answers[known] = line;
        }
        return answers[name];
      };
      server.say({ id, status, headers, chunks });
      await answer('armed');
      await ask();
      // A client that refuses the body never asks, and its answer must not go to the next one.
      server.say({ forget: true });
      const { forgotten } = await answer('forgotten');
      return forgotten ? undefined : readServed(await answer('id'));
    },
    async close() {
      await server.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Addresses have no name, so they get one: their calls are known by path and body, as on every other machine. */
function nameOf(host: string): string {
  const name = host.replace(/:\d+$/, '');
  return /^[\d.]+$/.test(name) ? 'localhost' : name;
}

function readServed({ body, received, unix, written, ended, ...facts }: Json): Served {
  return {
    ...(facts as Pick<Served, 'id' | 'method' | 'path' | 'host' | 'protocol'>),
    body: Buffer.from(body, 'base64'),
    received: BigInt(received),
    unix: BigInt(unix) * 1_000_000n,
    written: (written as string[]).map(BigInt),
    ended: BigInt(ended),
  };
}
