/** A child that speaks JSON lines in turn: what we say, and the next line that it says. */
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import type { Json } from '../../../src/receive/otlp-json.js';

export interface Talker {
  readonly pid: number;
  say(line: unknown): void;
  /** Its next line, in order. Fails when it ends, or after `limit` milliseconds. */
  next(limit?: number): Promise<Json>;
  /** Closes its stdin and waits for its end. */
  end(): Promise<void>;
  kill(): void;
}

export function startTalker(command: string, args: readonly string[], env = process.env): Talker {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  const lines: string[] = [];
  let errors = '';
  let ended: string | undefined;
  let wake = () => {};
  child.stdin.on('error', () => {});
  readline.createInterface({ input: child.stdout }).on('line', line => {
    lines.push(line);
    wake();
  });
  child.stderr.on('data', data => {
    errors = (errors + data).slice(-4000);
  });
  const closed = new Promise<void>(resolve => {
    const end = (how: string) => {
      ended = `${command} ${how}: ${errors}`;
      wake();
      resolve();
    };
    child.once('error', error => end(error.message));
    child.once('close', (code, signal) => end(`ended with ${signal ?? code}`));
  });
  return {
    pid: child.pid ?? 0,
    say: line => void child.stdin.write(`${JSON.stringify(line)}\n`),
    async next(limit = 60_000) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no line of ${command} in ${limit} ms: ${errors}`)), limit);
      });
      try {
        while (lines.length === 0) {
          if (ended !== undefined) throw new Error(ended);
          const news = new Promise<void>(resolve => {
            wake = resolve;
          });
          await Promise.race([news, late]);
        }
        return JSON.parse(lines.shift()!);
      } finally {
        clearTimeout(timer);
      }
    },
    async end() {
      child.stdin.end();
      await closed;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
