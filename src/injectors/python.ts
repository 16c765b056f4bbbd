/** Python: our bootstrap folder goes first on PYTHONPATH; its `sitecustomize.py` is imported at interpreter start. */
import path from 'node:path';
import { VARIABLES } from '../config/variables.js';
import { type Injector, type InjectorInput, type Outcome, type Program, switches } from './injector.js';

/** Options of CPython that take the next word as their value. */
const WITH_VALUE = new Set(['-W', '-X', '--check-hash-based-pycs']);

/** What each option does to the hook (https://docs.python.org/3/using/cmdline.html). */
const BLOCKING: Readonly<Record<string, string>> = {
  I: 'isolated mode ignores PYTHONPATH',
  E: 'PYTHON* variables are ignored',
  S: 'the site module and with it sitecustomize is not imported',
};

export const pythonInjector: Injector = { refuses, inject };

function inject({ settings, env, hooks, readable }: InjectorInput): Outcome {
  if (!readable(path.join(hooks.python, 'sitecustomize.py'))) {
    return {
      mine: false,
      because: `our file ${path.join(hooks.python, 'sitecustomize.py')} is missing; install the package again`,
    };
  }
  return {
    mine: true,
    env: {
      ...switches(settings),
      ...pythonPath(env, hooks.python),
    },
    why: 'PYTHONPATH begins with our folder; the tap waits for an HTTP client to be imported',
  };
}

/** The oldest that the hook begins in; sitecustomize.py looks, too. */
const OLDEST: readonly [number, number] = [3, 9];

function refuses(program: Program): string | undefined {
  const version = program.pythonVersion ?? /^python(\d+\.\d+)$/.exec(path.basename(program.path))?.[1];
  const [major = 3, minor = 99] = version?.split('.').map(Number) ?? [];
  if (!program.wrapper && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])))
    return `Python ${version} is older than the hook's ${OLDEST.join('.')}`;
  const blocking = program.wrapper ? undefined : blockingFlag(program.runtimeFlags);
  return blocking && `python -${blocking}: ${BLOCKING[blocking]}`;
}

/** The first of -I, -E, -S among the interpreter's own options, also combined as in `-Iu`. */
export function blockingFlag(words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-') || word === '-' || word === '--') return undefined;
    if (WITH_VALUE.has(word)) at += 1;
    else if (!word.startsWith('--')) {
      // -c and -m end the options, and so does a value that is glued to -W or -X.
      const letters = word.slice(1).replace(/[cmWX].*$/, '');
      const found = [...letters].find(letter => letter in BLOCKING);
      if (found) return found;
      if (/[cm]/.test(word)) return undefined;
    }
  }
  return undefined;
}

/** Ours first, once; the rest byte for byte. An empty PYTHONPATH counts as unset: an empty part would mean "here". */
function pythonPath(env: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  const before = env['PYTHONPATH'] ?? '';
  const parts = before.split(':');
  const others = parts.filter(part => path.posix.normalize(`${part}/`) !== path.posix.normalize(`${folder}/`));
  const nested = others.length < parts.length;
  const rest = nested && others.length === 0 ? '' : others.join(':');
  const original = nested ? {} : { [VARIABLES.originalPythonPath]: before };
  return { PYTHONPATH: before === '' || (nested && others.length === 0) ? folder : `${folder}:${rest}`, ...original };
}
