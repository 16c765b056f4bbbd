/**
 * Which runtime will run this program? Decided by names, shebangs and links alone; nothing is started. Follows PATH,
 * `env`, `env -S`, pip's console scripts, version-manager shims and interpreters that are scripts themselves.
 */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Program } from '../injectors/injector.js';
import { HEAD_BYTES, parseShebang } from '../machine/exec/shebang.js';
import { which } from '../machine/exec/which.js';
import { runtimeInside } from '../machine/executable.js';
import { findKnownProgram, type KnownProgram } from './known-programs.js';
import { projectPython, shimTarget } from './python-paths.js';

type Detected = Omit<Program, 'argv' | 'path'>;

const UNKNOWN: Detected = { runtimes: [], wrapper: false, runtimeFlags: [], why: [], caveats: [] };

/** A script whose interpreter is a script whose interpreter …: the kernel follows at most this many. */
const MAX_DEPTH = 5;

/** @param file what `which` found for `argv[0]` */
export function detect(argv: readonly string[], file: string, env: NodeJS.ProcessEnv): Program {
  const found = inspect(argv[0] ?? file, file, argv.slice(1), env, 0);
  return { argv, path: file, ...found };
}

function inspect(name: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv, depth: number): Detected {
  if (depth >= MAX_DEPTH) return { ...UNKNOWN, why: [`${file}: too many scripts in a row`] };
  const known = knownByName(name, file);
  if (known) return fromName(known, file, args, env);
  const head = readHead(file);
  if (head === undefined) return { ...UNKNOWN, why: [`${file} cannot be read`] };
  if (isElf(head)) return fromBinary(file);
  const shebang = parseShebang(head);
  if (!shebang) return fromText(file, head);
  if (isPyenvShim(file))
    return {
      ...UNKNOWN,
      runtimes: ['python'],
      ...pythonOf(shimTarget('python3', env)),
      why: [`${file} is a pyenv shim`],
    };
  return throughShebang(file, shebang, args, env, depth);
}

/** The typed name first, then the file that a link leads to: `nodejs` -> `node`, `app` -> `python3.11`. */
function knownByName(name: string, file: string): KnownProgram | undefined {
  const direct = findKnownProgram(path.basename(name)) ?? findKnownProgram(path.basename(file));
  if (direct) return direct;
  try {
    const target = path.basename(realpathSync(file));
    // Only interpreters: a script named app that links to npm-cli.js is told by its shebang.
    const linked = findKnownProgram(target);
    return linked && !linked.wrapper ? linked : undefined;
  } catch {
    return undefined;
  }
}

function fromName(known: KnownProgram, file: string, args: readonly string[], env: NodeJS.ProcessEnv): Detected {
  const isPython = known.runtimes.length === 1 && known.runtimes[0] === 'python';
  const python = isPython ? (shimTarget(file, env) ?? file) : known.projectPython ? projectPython(env) : undefined;
  return {
    runtimes: known.runtimes,
    wrapper: known.wrapper,
    runtimeFlags: known.wrapper ? [] : [...args],
    why: [`${file} is ${known.what}`],
    caveats: [...(known.caveat ? [`${path.basename(file)}: ${known.caveat}`] : []), ...emptiedByEnv(file, args)],
    ...pythonOf(python),
  };
}

/** A compiled program is its runtime as well: Go, or Bun with the program inside. */
function fromBinary(file: string): Detected {
  const inside = runtimeInside(file);
  if (!inside) return { ...UNKNOWN, why: [`${file} is not a Python or Node program`] };
  return { ...UNKNOWN, runtimes: [inside.name], why: [`${file} was compiled with ${inside.what} inside`] };
}

function pythonOf(python: string | undefined): { python?: string; pythonVersion?: string } {
  if (python === undefined) return {};
  const pythonVersion = versionInName(python);
  return { python, ...(pythonVersion !== undefined && { pythonVersion }) };
}

/** `3.8`, where a link leads to a file of that name, as in virtual environments. */
function versionInName(python: string): string | undefined {
  try {
    return /^python(\d+\.\d+)/.exec(path.basename(realpathSync(python)))?.[1];
  } catch {
    return undefined;
  }
}

/** `env -i` and `env -` hand nothing on. */
function emptiedByEnv(file: string, args: readonly string[]): string[] {
  if (path.basename(file) !== 'env') return [];
  const emptied = args.some(
    (word, index) =>
      /^(-i|--ignore-environment|-)$/.test(word) && args.slice(0, index).every(before => before.startsWith('-')),
  );
  return emptied ? ['env -i empties the environment and with it the hook; put openlit-instrument behind it'] : [];
}

function throughShebang(
  file: string,
  shebang: { interpreter: string; throughEnv: boolean; args: readonly string[] },
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  depth: number,
): Detected {
  const line = `${file} begins with #!${shebang.throughEnv ? '/usr/bin/env ' : ''}${[shebang.interpreter, ...shebang.args].join(' ')}`;
  const interpreter = which(shebang.interpreter, env['PATH']);
  if (!interpreter.ok) {
    const known = findKnownProgram(path.basename(shebang.interpreter));
    return {
      ...UNKNOWN,
      runtimes: known?.runtimes ?? [],
      why: [line, `${shebang.interpreter}: ${interpreter.reason}`],
    };
  }
  const below = inspect(shebang.interpreter, interpreter.path, [...shebang.args, file, ...args], env, depth + 1);
  return { ...below, why: [line, ...below.why] };
}

/** Executable text without a shebang: `execvp` hands it to /bin/sh. */
function fromText(file: string, head: Buffer): Detected {
  if (head.length === 0 || head.includes(0))
    return { ...UNKNOWN, why: [`${file} is neither a known binary nor a script`] };
  return {
    ...UNKNOWN,
    runtimes: ['python', 'node'],
    wrapper: true,
    why: [`${file} has no shebang, so /bin/sh runs it`],
  };
}

function isPyenvShim(file: string): boolean {
  return /\/shims\/[^/]+$/.test(file) && (readHead(file, 2048)?.includes('pyenv') ?? false);
}

function isElf(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32BE(0) === 0x7f454c46;
}

function readHead(file: string, bytes = HEAD_BYTES): Buffer | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(bytes);
      return head.subarray(0, readSync(descriptor, head, 0, bytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
