/** Programs of `by-line.ts` in whatever state their observer, or the machine, may be: bare and launched, which must not differ. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { BY_LINE, type ByLine, type Language, startByLine } from './by-line.js';
import { LAUNCH } from './launcher.js';
import { type Bench, openBench } from './observed.js';
import { findObservers } from './observers.js';

/** Milliseconds that a launched session may take longer than a bare one, on a machine that is busy. */
const LATER = 3_000;

export interface Session {
  readonly answers: readonly string[];
  readonly status: number | null;
  /** What is not ours on its stderr. */
  readonly stderr: string;
  readonly ours: readonly string[];
  /** From its first answer to its end. */
  readonly milliseconds: number;
}

export interface Place {
  /** Words before the launcher, or before the bare program. */
  readonly before?: readonly string[];
  readonly launcher?: readonly string[];
  /** Words of the program before those of its runtime. */
  readonly wrapper?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** What a test does while the program runs; what is said to it, and answered, is part of the session. */
export type Meanwhile = (program: ByLine, observed: boolean) => Promise<void>;

export interface SessionBench extends Bench {
  /** Folders of this file's programs alone: theirs for sockets, and below it ours. */
  readonly runtime: string;
  readonly cache: string;
  observers(): { readonly pid: number }[];
  folder(name: string): string;
  start(language: Language, place?: Place): ByLine;
  /** Bare, then launched: neither answers, status, stderr nor time may differ. @returns what was launched */
  both(language: Language, meanwhile: Meanwhile, place?: Place): Promise<Session>;
}

export async function openSessionBench(): Promise<SessionBench> {
  const bench = await openBench({
    provider: { tls: false },
    clientEnv: ({ url }) => ({ PROVIDER_URL: url }),
    hookEnv: {},
  });
  const runtime = bench.env()['XDG_RUNTIME_DIR']!;
  const cache = path.join(runtime, 'cache', 'openlit-instrument');
  mkdirSync(cache, { recursive: true });
  // By a variable that an observer has, too, before it knows its settings.
  const env = (extra: NodeJS.ProcessEnv = {}) => bench.env({ XDG_CACHE_HOME: path.dirname(cache), ...extra });
  const launch = (language: Language, { before = [], launcher = LAUNCH, wrapper = [], env: extra }: Place = {}) =>
    startByLine(
      [...before, ...launcher, '--endpoint', bench.receiver.url, '--', ...wrapper, ...BY_LINE[language]],
      env(extra),
    );

  async function session(program: ByLine, observed: boolean, meanwhile: Meanwhile): Promise<Session> {
    const answers: string[] = [];
    // It runs: from here on nothing of the launcher counts.
    await program.state();
    const began = performance.now();
    const say = async (line: string) => {
      const answer = await program.say(line);
      answers.push(answer);
      return answer;
    };
    await meanwhile({ ...program, say }, observed);
    const { status, stderr } = await program.end();
    const lines = stderr.split('\n');
    const isOurs = (line: string) => line.startsWith('openlit-instrument');
    return {
      answers,
      status,
      stderr: lines.filter(line => !isOurs(line)).join('\n'),
      ours: lines.filter(isOurs),
      milliseconds: performance.now() - began,
    };
  }

  return {
    ...bench,
    runtime,
    cache,
    observers: () => findObservers(runtime).filter(({ words }) => !words[0]!.endsWith('/sh')),
    folder: name => mkdtempSync(path.join(runtime, `${name}-`)),
    start: launch,
    async both(language, meanwhile, place = {}) {
      const words = [...(place.before ?? []), ...(place.wrapper ?? []), ...BY_LINE[language]];
      const bare = await session(startByLine(words, env(place.env)), false, meanwhile);
      bench.receiver.clear();
      const launched = await session(launch(language, place), true, meanwhile);
      const seen = ({ answers, status, stderr }: Session) => ({ answers, status, stderr });
      expect(seen(launched)).toEqual(seen(bare));
      expect(launched.milliseconds).toBeLessThan(bare.milliseconds + LATER);
      return launched;
    },
  };
}

export async function until(what: string, condition: () => boolean, milliseconds = 15_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !condition(); await delay(20)) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}`);
  }
}

/** Calls, one after the other; each is answered. */
export async function calls(program: ByLine, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) expect(await program.say('call')).toBe('200');
}

/** Files of sockets that lie there. */
export function sockets(folder: string): string[] {
  const ours = path.join(folder, 'openlit-instrument');
  if (!existsSync(ours)) return [];
  return readdirSync(ours)
    .filter(name => name.endsWith('.sock'))
    .map(name => path.join(ours, name));
}
