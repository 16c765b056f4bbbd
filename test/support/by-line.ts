/** Programs that answer each line of their stdin (`by_line.py`, `by-line.cjs`), in each language, with nothing installed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAMS = import.meta.dirname;

export const LANGUAGES = ['python', 'node'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Words of the program in each language; runtimes that every user of the machine can run. */
export const BY_LINE: Readonly<Record<Language, readonly string[]>> = {
  python: ['/usr/bin/python3', path.join(PROGRAMS, 'python-programs/by_line.py')],
  node: [process.execPath, path.join(PROGRAMS, 'node-clients/programs/by-line.cjs')],
};

/** Milliseconds in which a program answers, on a machine that is busy. */
const PATIENCE = 15_000;

/** What a program sees of itself. */
export interface State {
  /** Its number: what the next `open` gets. */
  readonly descriptor: number;
  /** Whether there is something to wait for. */
  readonly children: boolean;
  readonly threads: number;
  readonly directory: string;
  readonly session: number;
}

export interface Ended {
  readonly status: number | null;
  readonly stderr: string;
  /** From the end of stdin to the end of the program. */
  readonly milliseconds: number;
}

export interface ByLine {
  readonly child: ChildProcess;
  /** @returns the line that it answers. @throws Error with its stderr when there is none */
  say(line: string): Promise<string>;
  state(): Promise<State>;
  end(): Promise<Ended>;
}

const running = new Set<ChildProcess>();

/** For the end of a test that failed in the middle. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function startByLine(words: readonly string[], env: NodeJS.ProcessEnv): ByLine {
  const child = spawn(words[0]!, words.slice(1), { env, stdio: 'pipe' });
  running.add(child);
  let stderr = '';
  child.stderr.on('data', part => {
    stderr += part;
  });
  child.stdin.on('error', () => {});
  const ended = once(child, 'close') as Promise<[number | null]>;
  void ended.then(() => running.delete(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function say(line: string): Promise<string> {
    child.stdin.write(`${line}\n`);
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const { value, done } = await lines.next();
    clearTimeout(timer);
    if (done) throw new Error(`no answer to ${JSON.stringify(line)}: ${stderr}`);
    return value;
  }

  return {
    child,
    say,
    state: async () => JSON.parse(await say('state')) as State,
    async end() {
      const began = performance.now();
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      const [status] = await ended;
      clearTimeout(timer);
      return { status, stderr, milliseconds: performance.now() - began };
    },
  };
}
