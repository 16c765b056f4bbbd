/**
 * Layer `program`: would the hook start inside this program, and would its calls be seen? The program itself is not run. Its
 * runtime is, once, with the very environment of a launch, and asks a model on this machine (`trial.ts`).
 */
import path from 'node:path';
import type { Loaded } from '../config/load.js';
import type { Hooks } from '../injectors/injector.js';
import { which } from '../machine/exec/which.js';
import { injects } from '../plan/answer.js';
import { detect } from '../plan/detect.js';
import { planFor } from '../plan/plan-for.js';
import { wantsPythonSdk } from '../setup/python-libraries.js';
import { isPythonSdkReady } from '../setup/python-store.js';
import type { Notes } from './finding.js';
import { factsOf, type Trial, tryRuntime } from './trial.js';
import { NODE_TRIAL, PYTHON_TRIAL } from './trial-scripts.js';

export interface ProgramContext {
  readonly loaded: Loaded;
  readonly env: NodeJS.ProcessEnv;
  readonly hooks: Hooks;
  readonly readable: (file: string) => boolean;
}

export async function checkProgram(words: readonly string[], context: ProgramContext, notes: Notes): Promise<void> {
  const { loaded, env, hooks, readable } = context;
  const found = which(words[0]!, env['PATH']);
  if (!found.ok) return notes.failed('path', `${words[0]}: ${found.reason}`, `command -v ${words[0]}`);
  notes.ok('path', found.path);
  const program = detect(words, found.path, env);
  const { settings, sources } = loaded;
  const plan = planFor({ kind: 'launch', program, settings, sources, env, hooks, readable });
  if (program.runtimes.length === 0) {
    return notes.failed('runtime', plan.note ?? 'not known', 'openlit-instrument attach --pid PID, while it runs');
  }
  checkScript(words, readable, notes);
  notes.ok('runtime', `${program.runtimes.join(' or ')}: ${program.why.join('; ')}`);
  if (!injects(plan)) {
    return notes.failed(
      'hook',
      plan.note ?? 'it would not be loaded',
      'start it without what keeps the hook out, or openlit-instrument attach --pid PID',
    );
  }
  for (const caveat of program.caveats) notes.failed('hook', caveat);
  const trialEnv = { ...env, ...plan.env };
  if (plan.runtimes.includes('python')) await tryPython(program.python ?? 'python3', trialEnv, hooks, notes);
  if (plan.runtimes.includes('node')) await tryNode(program.wrapper ? 'node' : found.path, trialEnv, notes);
}

/** Options of the interpreters whose next word is a value. */
const TAKES_VALUE = /^(-[XW]|-r|--require|--import|--loader|--env-file|-C|--conditions)$/;

/** The file that the interpreter is to run: without it the rest would only look well. */
function checkScript(
  [first = '', ...rest]: readonly string[],
  readable: (file: string) => boolean,
  notes: Notes,
): void {
  if (!/^(python|node|nodejs|bun|deno)[\d.]*$/.test(path.basename(first))) return;
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at]!;
    // Code or a module instead of a file.
    if (/^-(c|m|e|p)$|^--(eval|print)\b/.test(word) || word === '-') return;
    if (TAKES_VALUE.test(word)) at++;
    else if (!word.startsWith('-')) {
      if (readable(word)) notes.ok('script', word);
      else notes.failed('script', `${word}: no such file, or it cannot be read`, `ls -l ${word}`);
      return;
    }
  }
}

async function tryPython(python: string, env: NodeJS.ProcessEnv, hooks: Hooks, notes: Notes): Promise<void> {
  const trial = await tryRuntime(python, ['-c', PYTHON_TRIAL], env);
  const facts = factsOf(trial.stdout);
  if (!facts)
    return notes.failed('interpreter', `${python}: ${trial.failure ?? 'it printed nothing'}`, `${python} -c pass`);
  if (facts['old'] === true)
    return notes.failed('interpreter', `Python ${facts['version']} is too old for the hook`, 'a Python from 3.9 on');
  notes.ok('interpreter', `Python ${facts['version']}, ${python}`);
  if (facts['hook'] !== true) {
    return notes.failed(
      'hook',
      'sitecustomize of openlit-instrument was not loaded: another sitecustomize comes first, or it failed to start',
      `${python} -c "import sitecustomize; print(sitecustomize.__file__)"`,
    );
  }
  notes.ok('hook', 'loaded at interpreter start');
  const libraries = facts['libraries'] as string[];
  notes.ok('library', libraries.join(', ') || 'none that is known; calls of any HTTP client are seen');
  if (wantsPythonSdk(python, env) && !isPythonSdkReady(python, hooks.python, env)) {
    const fact = "it has agents, tools or vector stores, and no copy of OpenLIT's SDK: of them only LLM calls are seen";
    notes.failed('sdk', fact, `openlit-instrument setup python --python ${python}`);
  }
  reportCalls(trial, facts, notes);
}

async function tryNode(node: string, env: NodeJS.ProcessEnv, notes: Notes): Promise<void> {
  const trial = await tryRuntime(node, ['-e', NODE_TRIAL], env);
  const facts = factsOf(trial.stdout);
  if (!facts) return notes.failed('interpreter', `${node}: ${trial.failure ?? 'it printed nothing'}`, `${node} -e 0`);
  notes.ok('interpreter', `Node ${facts['version']}, ${node}`);
  reportCalls(trial, facts, notes);
}

/** A question of each client was asked: those that came over the tap are what would be seen of the program. */
function reportCalls(trial: Trial, facts: Readonly<Record<string, unknown>>, notes: Notes): void {
  const clients = facts['clients'] as string[];
  const missing = clients.filter(name => !trial.seen.has(name));
  if (missing.length === 0)
    return notes.ok('calls', `our own test calls were seen: ${clients.join(', ')}; the program itself was not run`);
  const reasons = trial.statuses.flatMap(({ result, reason }) =>
    result === 'success' ? [] : [`${result}: ${reason}`],
  );
  const why = [...reasons, ...(trial.failure === undefined ? [] : [trial.failure])].join('; ');
  const fact = `our own test call with ${missing.join(' and ')} was not seen${why === '' ? '' : ` (${why})`}`;
  notes.failed('calls', fact, 'openlit-instrument attach --pid PID, while it runs');
}
