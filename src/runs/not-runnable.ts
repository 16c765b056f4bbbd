/** Why a program cannot be started, and what was probably meant. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { OWN_COMMANDS } from '../cli/argv.js';
import { nearestName } from '../config/nearest.js';
import { EXIT_STATUS, Problem } from '../errors.js';
import type { Found } from '../machine/exec/which.js';

/** Ending of a script -> the program that runs it. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  '.py': 'python',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.ts': 'npx tsx',
};

/** What other tools call it -> what to type here. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  uninstall: 'npm uninstall -g openlit-instrument',
  export: 'openlit-instrument show last --export csv',
  diff: 'openlit-instrument show --diff RUN RUN',
  compare: 'openlit-instrument show --diff RUN RUN',
  list: 'openlit-instrument runs',
  history: 'openlit-instrument runs',
  logs: 'openlit-instrument show last',
  trace: 'openlit-instrument show last',
  cost: 'openlit-instrument show --by model',
  costs: 'openlit-instrument show --by model',
  stats: 'openlit-instrument show --by model',
  web: 'openlit-instrument ui',
  dashboard: 'openlit-instrument ui',
  open: 'openlit-instrument ui',
};

/** @param words what was typed from the program on */
export function notRunnable(words: readonly string[], found: Found & { ok: false }): Problem {
  const [name = '', ...rest] = words;
  const missing = found.status === 'notFound';
  const meant = missing || !name.includes('/') ? meantBy(name, rest) : scriptCommand(name, rest);
  const check = name.includes('/') ? [] : [`command -v ${name}`];
  return new Problem({
    code: missing ? 'NOT_FOUND' : 'NOT_EXECUTABLE',
    message: missing ? `${name}: program not found` : `${found.path ?? name} cannot be executed`,
    reason: meant === undefined ? found.reason : 'did you mean this?',
    fixes: meant === undefined ? [...check, 'openlit-instrument --help'] : [meant],
    exit: EXIT_STATUS[found.status],
  });
}

function meantBy(name: string, rest: readonly string[]): string | undefined {
  const [, command = '', more = ''] = /^([a-z]+):(\S+)$/.exec(name) ?? [];
  if (OWN_COMMANDS.has(command)) return `openlit-instrument ${command} ${more}`;
  if (name.includes('/')) return scriptCommand(name, rest);
  // Short words are near to each other by chance: `bun` is no `run`.
  const near = nearestName(name, [...OWN_COMMANDS]);
  const own = near !== undefined && near[0] === name[0] ? near : undefined;
  return (
    scriptCommand(name, rest) ??
    localBinary(name, rest) ??
    (Object.hasOwn(OTHER_WORDS, name) ? OTHER_WORDS[name] : undefined) ??
    (own && `openlit-instrument ${[own, ...rest].join(' ')}`)
  );
}

/** A script that lies here needs its interpreter in front. */
function scriptCommand(name: string, rest: readonly string[]): string | undefined {
  const interpreter = INTERPRETERS[path.extname(name)];
  if (interpreter === undefined || !existsSync(name)) return undefined;
  return `openlit-instrument ${[interpreter, name, ...rest].join(' ')}`;
}

/** A program of this project's own packages. */
function localBinary(name: string, rest: readonly string[]): string | undefined {
  const file = `./node_modules/.bin/${name}`;
  return existsSync(file) ? `openlit-instrument ${[file, ...rest].join(' ')}` : undefined;
}

/** A script without `#!` is run by a shell, here as everywhere: of Python source it makes nonsense. */
export function shellNote(words: readonly string[], file: string): string | undefined {
  const [name = '', ...rest] = words;
  const interpreter = INTERPRETERS[path.extname(file)];
  if (interpreter === undefined || firstBytes(file, 2) === '#!') return undefined;
  return `${name} has no #! line, so a shell runs it; did you mean: openlit-instrument ${[interpreter, name, ...rest].join(' ')}`;
}

function firstBytes(file: string, length: number): string | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(length);
      return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

export function refusedByKernel(name: string, file: string, errno: number): Problem {
  const [code = 'unknown error'] = Object.entries(os.constants.errno).find(([, number]) => number === errno) ?? [];
  const missing = errno === os.constants.errno.ENOENT;
  return new Problem({
    code: missing ? 'NOT_FOUND' : 'NOT_EXECUTABLE',
    message: `${name} cannot be started`,
    reason: missing ? `the interpreter that ${file} names does not exist` : `${file}: ${code}`,
    exit: missing ? EXIT_STATUS.notFound : EXIT_STATUS.notExecutable,
  });
}
