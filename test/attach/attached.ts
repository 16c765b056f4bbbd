/** Real processes for the tests of attach: the server that knows, clients, and `attach` itself from `dist/`. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { LAUNCH } from '../support/launcher.js';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const PROGRAMS = path.join(import.meta.dirname, 'programs');

/** Why attach cannot run here; undefined where it can. Never on the machines that this project is built on. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync('/sys/kernel/btf/vmlinux')) return 'the kernel has no BTF';
  return undefined;
}

/** A child whose lines are waited for one by one. */
export class Lines {
  readonly seen: string[] = [];
  readonly errors: string[] = [];
  readonly exited: Promise<number | null>;
  #waiting: { test: (line: string) => boolean; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];

  constructor(
    readonly process: ChildProcess,
    readonly name: string,
  ) {
    const take = (list: string[]) => (line: string) => {
      list.push(line);
      for (const waiter of [...this.#waiting]) {
        if (!waiter.test(line)) continue;
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        waiter.resolve(line);
      }
    };
    readline.createInterface({ input: process.stdout! }).on('line', take(this.seen));
    readline.createInterface({ input: process.stderr! }).on('line', take(this.errors));
    this.exited = new Promise(resolve => {
      process.on('close', code => {
        resolve(code);
        for (const { reject } of this.#waiting.splice(0))
          reject(new Error(`${name} ended with ${code}: ${this.errors.slice(-20).join('\n')}`));
      });
    });
  }

  /** The first line, of stdout or stderr, that fits; also one that came before. */
  line(test: (line: string) => boolean): Promise<string> {
    const already = [...this.seen, ...this.errors].find(test);
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve, reject) => this.#waiting.push({ test, resolve, reject }));
  }

  say(line: string): void {
    this.process.stdin!.write(`${line}\n`);
  }

  /** Closes its stdin and waits for its end. */
  async end(): Promise<void> {
    this.process.stdin!.end();
    await this.exited;
  }

  /**
   * With SIGKILL its end is enough; of another signal the last words are waited for as well. A master of nginx that is
   * killed leaves its workers behind.
   */
  async kill(signal: NodeJS.Signals = this.name === 'nginx' ? 'SIGTERM' : 'SIGKILL'): Promise<number | null> {
    const ended = new Promise<number | null>(resolve => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) resolve(this.process.exitCode);
      else this.process.once('exit', resolve);
    });
    this.process.kill(signal);
    return signal === 'SIGKILL' ? ended : this.exited;
  }
}

export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Lines {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  return new Lines(child, path.basename(command));
}

export interface Truth {
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly request_size: number;
  readonly request_sha256: string;
  readonly response_size: number;
  readonly response_sha256: string;
  /** What both sides sent, where the server was asked to tell (`headers`). */
  readonly request_headers?: Readonly<Record<string, string>>;
  readonly response_headers?: Readonly<Record<string, string>>;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  readonly lines: Lines;
  /** What was exchanged since the last call. */
  take(): Truth[];
}

/** A server of `programs/`: the one in Python where `words` say so, else the one in Node. */
export async function startServer(words: readonly string[] = [process.execPath, 'server.mjs']): Promise<Server> {
  const [command, program, ...more] = words as [string, string, ...string[]];
  const lines = start(command, [path.join(PROGRAMS, program), ...more]);
  const port = Number(await lines.line(line => /^\d+$/.test(line)));
  let taken = 1;
  return {
    port,
    pid: lines.process.pid!,
    lines,
    take: () => {
      const found = lines.seen.slice(taken).filter(line => line.startsWith('{"method"'));
      taken = lines.seen.length;
      return found.map(line => JSON.parse(line) as Truth);
    },
  };
}

/** `attach` on one or more processes, ready when every one is observed. */
export async function attach(
  pids: readonly number[],
  args: readonly string[] = ['--format', 'exchanges'],
): Promise<Lines> {
  const lines = startAttach(...pids.flatMap(pid => ['--pid', `${pid}`]), ...args);
  await attachedTo(lines, ...pids);
  return lines;
}

/** `attach` with these words, ready for nothing yet. */
/** It keeps its calls only where a test has said in which folder: never in the developer's own. */
export const startAttach = (...words: readonly string[]): Lines => {
  const keep = process.env['OPENLIT_INSTRUMENT_CACHE_DIR'] === undefined ? { OPENLIT_NO_KEEP: '1' } : {};
  return start(LAUNCH[0]!, [...LAUNCH.slice(1), 'attach', ...words], { env: { ...process.env, ...keep } });
};

/** Waits until the probes of these processes are live. */
export async function attachedTo(observer: Lines, ...pids: readonly number[]): Promise<void> {
  for (const pid of pids) await observer.line(line => line.startsWith('attached') && line.includes(`(pid ${pid})`));
}

/** The pid that a client of ours says it has. */
export async function pidOf(client: Lines): Promise<number> {
  const line = await client.line(text => text.startsWith('{"ready"'));
  return (JSON.parse(line) as { ready: number }).ready;
}
