/**
 * What the tests of attach share: a TLS server that knows what was exchanged, programs that wait to be observed, `attach`
 * itself, and its exchanges. Everything that a test starts ends with it, and its files with the test file.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import {
  attach,
  type Lines,
  PROGRAMS,
  pidOf,
  type Server,
  start,
  startAttach,
  startServer,
  type Truth,
  whyNot,
} from '../attach/attached.js';

/** Why attach cannot be tested here; said once for each test file. */
export const reason = whyNot();
if (reason) process.stderr.write(`skipped: attach cannot be tested here: ${reason}\n`);

/** A test that needs real probes. */
export const real = reason ? test.skip : test;

export type Step = readonly [method: string, path: string, size: number];

/** A line of `--format exchanges`. */
export interface ExchangeLine extends Omit<Truth, 'request_headers' | 'response_headers'> {
  readonly pid: number;
  readonly role: 'client' | 'server';
  readonly status?: number;
  readonly request_headers: Readonly<Record<string, string>>;
  readonly response_headers: Readonly<Record<string, string>>;
  /** Unix nanoseconds. */
  readonly start: string;
  readonly first_byte: string;
  readonly end: string;
  readonly partial: readonly string[];
}

export interface ClientOptions {
  readonly python?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The bench's own where it is absent. */
  readonly server?: Server;
}

export interface AttachBench {
  /** Of this test file. */
  readonly folder: string;
  /** The server that knows. */
  readonly server: Server;
  /** Ends it with the test. */
  keep(lines: Lines): Lines;
  start(...words: Parameters<typeof start>): Lines;
  /** A server of this test alone. */
  startServer(words?: readonly string[]): Promise<Server>;
  /** The path of a plan as a file. */
  plan(steps: readonly Step[]): string;
  /** A Python program that sends these over the connection that it has opened, once it is told to go. */
  client(steps: readonly Step[], options?: ClientOptions): Lines;
  /** `attach` on these programs, ready when every one is observed. */
  observe(programs: readonly (Lines | number)[], args?: readonly string[]): Promise<Lines>;
  /** `attach` with these words, ready for nothing yet. */
  startAttach(...words: readonly string[]): Lines;
}

/** Call it once in a test file. */
export function attachBench(): AttachBench {
  let folder: string;
  let server: Server;
  let plans = 0;
  const running: Lines[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'attach-'));
    if (!reason) server = await startServer();
  });
  afterEach(async () => {
    for (const lines of running.splice(0)) await lines.kill();
  });
  afterAll(async () => {
    await server?.lines.kill();
    rmSync(folder, { recursive: true });
  });
  const keep = (lines: Lines) => {
    running.push(lines);
    return lines;
  };
  const plan = (steps: readonly Step[]) => {
    const file = path.join(folder, `plan-${++plans}.json`);
    writeFileSync(file, JSON.stringify(steps));
    return file;
  };
  return {
    get folder() {
      return folder;
    },
    get server() {
      return server;
    },
    keep,
    start: (...words) => keep(start(...words)),
    startServer: async words => {
      const own = await startServer(words);
      keep(own.lines);
      return own;
    },
    plan,
    client: (steps, { python = 'python3', server: { port } = server, ...options } = {}) => {
      const words = [path.join(PROGRAMS, 'client.py'), 'http.client', `${port}`, plan(steps)];
      return keep(start(python, words, options));
    },
    observe: async (programs, args) => {
      const pids = await Promise.all(programs.map(each => (typeof each === 'number' ? each : pidOf(each))));
      return keep(await attach(pids, args));
    },
    startAttach: (...words) => keep(startAttach(...words)),
  };
}

/** A path of ten bytes, as a step. */
export const get = (name: string): Step => ['GET', `/${name}?size=10`, 0];

/** Tells a program to go, and waits until it has done what it had to. */
export async function go(program: Lines): Promise<void> {
  program.say('go');
  await program.line(line => line === 'done');
}

/** `go`, and its end. */
export async function goAndEnd(program: Lines): Promise<void> {
  await go(program);
  await program.end();
}

export const exchangesOf = (observer: Lines): ExchangeLine[] => observer.seen.map(line => JSON.parse(line));

export const pathsOf = (observer: Lines): string[] =>
  exchangesOf(observer)
    .map(each => each.path)
    .sort();

/** What must agree between the server and us, in an order of its own. */
export function essence(lines: readonly (Truth | ExchangeLine)[]): string[] {
  return lines
    .map(
      ({ method, path: where, ...line }) =>
        `${method} ${where} sent ${line.request_size} ${line.request_sha256} got ${line.response_size} ${line.response_sha256}`,
    )
    .sort();
}
