/** Programs with a tap in them, beside a reference observer that writes down the frames it gets (tap-observer.py). */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { anyPython } from './python-environments.js';

const OBSERVER = path.resolve(import.meta.dirname, 'tap-observer.py');
export const HOOK = path.resolve(import.meta.dirname, '../../src/bootstrap/python');

export interface Frame {
  readonly connection: string;
  readonly kind: number;
  readonly flags: number;
  readonly channel: number;
  readonly time: string;
  // biome-ignore lint/suspicious/noExplicitAny: the payload of any kind of frame
  readonly json?: any;
  readonly data?: string;
}

/** What came of one channel, put together. */
export interface Exchange {
  readonly open: Record<string, unknown>;
  readonly request: { parent?: Record<string, unknown>; reported?: string };
  sent: string;
  received: string;
  readonly heads: Record<string, unknown>[];
  readonly messages: string[];
  /** `sent` and `received`, in the order in which the flows ended. */
  readonly ends: string[];
  gaps: number;
  /** Of the `close` frame: flags and text; undefined where none came. */
  close?: [flags: number, error: string];
}

export interface Ran {
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TapBench {
  /** Runs a Python program with the hook; `bare` without. */
  run(python: string, words: string[], options?: RunOptions): Promise<Ran>;
  frames(): Frame[];
  /** All exchanges so far, in the order in which they were opened. Waits until `count` of them are closed. */
  exchanges(count?: number): Promise<Exchange[]>;
  clear(): void;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly bare?: boolean;
  readonly tap?: Record<string, unknown>;
}

/** @param words of the observer: see tap-observer.py; `listen: false` where the tap has to start it */
export async function openTapBench(words: string[] = [], { listen = true } = {}): Promise<TapBench> {
  const { file: python } = await anyPython();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tap-'));
  const socket = path.join(folder, 'socket');
  const out = path.join(folder, 'frames');
  const cache = path.join(folder, 'cache');
  writeFileSync(out, '');
  const observer = [python, OBSERVER, '--socket', socket, '--out', out, ...words];
  const child = listen
    ? spawn(observer[0]!, observer.slice(1), {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env['PATH'] },
      })
    : undefined;
  if (child !== undefined) await once(child.stdout!, 'data');
  const frames = () =>
    readFileSync(out, 'utf8')
      .split('\n')
      .filter(line => line.endsWith('}'))
      .map(line => JSON.parse(line) as Frame);

  return {
    frames,
    run(program, args, { env = {}, bare = false, tap = {} } = {}) {
      const { PYTHONDONTWRITEBYTECODE: _1, PYTHONPATH: _2, OPENLIT_INSTRUMENT_TAP: _3, ...inherited } = process.env;
      const hook = {
        PYTHONPATH: HOOK,
        OPENLIT_INSTRUMENT_CACHE_DIR: cache,
        OPENLIT_INSTRUMENT_TAP: JSON.stringify({ v: 1, socket, observer, wait: false, ...tap }),
      };
      const options = { env: { ...inherited, ...(bare ? {} : hook), ...env }, timeout: 50_000, maxBuffer: 1 << 26 };
      return new Promise(resolve => {
        execFile(program, args, options, (error, stdout, stderr) => {
          const status = error === null ? 0 : (error.signal ?? error.code ?? null);
          resolve({ status: status as Ran['status'], stdout, stderr });
        });
      });
    },
    async exchanges(count = 0) {
      const until = Date.now() + 5000;
      let found = assemble(frames());
      while (found.filter(each => each.close !== undefined).length < count && Date.now() < until) {
        await pause(20);
        found = assemble(frames());
      }
      return found;
    },
    clear: () => writeFileSync(out, ''),
    async close() {
      if (child !== undefined && child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function assemble(frames: Frame[]): Exchange[] {
  const found = new Map<string, Exchange>();
  for (const { connection, kind, flags, channel, json, data = '' } of frames) {
    if (channel === 0) continue;
    const key = `${connection}/${channel}`;
    if (kind === 2)
      found.set(key, { open: json, request: {}, sent: '', received: '', heads: [], messages: [], ends: [], gaps: 0 });
    const exchange = found.get(key);
    if (exchange === undefined) continue;
    const received = (flags & 1) !== 0;
    const text = Buffer.from(data, 'base64').toString('latin1');
    if (kind === 3) Object.assign(exchange.request, json);
    else if (kind === 4) exchange[received ? 'received' : 'sent'] += text;
    else if (kind === 5) exchange.gaps += 1;
    else if (kind === 6) exchange.heads.push(json);
    else if (kind === 7) exchange.ends.push(received ? 'received' : 'sent');
    else if (kind === 8) exchange.messages.push((received ? '<' : '>') + ((flags & 2) !== 0 ? 'binary ' : '') + text);
    else if (kind === 9) exchange.close = [flags, text];
  }
  return [...found.values()];
}
