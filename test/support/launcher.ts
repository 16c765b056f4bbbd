/** Starts programs bare and through the built launcher, and collects everything that may differ between the two. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

/** The project, or an installed copy of the package. */
export const ROOT = process.env['LAUNCHER_ROOT'] ?? path.resolve(import.meta.dirname, '../..');
export const LAUNCHER = path.join(ROOT, 'bin', 'run.js');
export const PROGRAMS = path.resolve(import.meta.dirname, '../fixtures/programs');

/** Nothing listens on the discard port: an observed program without LLM calls must never find out. */
export const DEAD_ENDPOINT = 'http://127.0.0.1:9';

/** Words in front of a program, for each way to start it. */
export const LAUNCH = [process.execPath, LAUNCHER];
export const EXEC_LAUNCH = [...LAUNCH, '--quiet', '--endpoint', DEAD_ENDPOINT, '--'];

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to stdin, which is then closed. */
  readonly input?: Buffer | string;
  /** Descriptors from 0 on, as for spawn; default three pipes. */
  readonly stdio?: SpawnOptions['stdio'];
  readonly argv0?: string;
  /** Called once the program runs. */
  readonly meanwhile?: (child: ChildProcess) => void | Promise<void>;
}

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly pid: number;
}

/** The environment of tests without anything that steers us. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const ours = /^(OTEL_|OPENLIT_|PYTHONPATH$|NODE_OPTIONS$|BUN_OPTIONS$|NODE_CHANNEL)/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))), ...extra };
}

export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: options.cwd,
    env: options.env ?? cleanEnvironment(),
    stdio: options.stdio ?? ['pipe', 'pipe', 'pipe'],
    ...(options.argv0 === undefined ? {} : { argv0: options.argv0 }),
  });
  const stdout = child.stdout ? buffer(child.stdout) : Promise.resolve(Buffer.alloc(0));
  const stderr = child.stderr ? buffer(child.stderr) : Promise.resolve(Buffer.alloc(0));
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? '');
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    await options.meanwhile?.(child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const [status, signal] = await ended;
  return { stdout: String(await stdout), stderr: String(await stderr), status, signal, pid: child.pid ?? 0 };
}

/** Resolves when the stream has shown `text`. */
export async function sees(stream: NodeJS.ReadableStream | null, text: string): Promise<void> {
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    stream?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
    stream?.once('end', () => reject(new Error(`ended without ${JSON.stringify(text)}: ${seen}`)));
  });
}
