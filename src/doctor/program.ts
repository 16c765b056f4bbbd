/**
 * Layer `program`: would the hook start inside this program, and would it arm? The program itself is not run. Its runtime
 * is, once, with the very environment of a launch: an interpreter that imports an HTTP client and the first LLM library that
 * it finds, or a Node that does nothing. What the hook then writes to its status file is the answer.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Loaded } from '../config/load.js';
import { VARIABLES } from '../config/variables.js';
import type { Hooks } from '../injectors/injector.js';
import { which } from '../machine/exec/which.js';
import { injects } from '../plan/answer.js';
import { detect } from '../plan/detect.js';
import type { LaunchPlan } from '../plan/launch.js';
import { planFor } from '../plan/plan-for.js';
import type { Notes } from './finding.js';

/** Milliseconds for the runtime to start and import one library. */
const PATIENCE = 60_000;

/** Top-level modules of the clients that most programs use; the first that is installed is imported. */
const PYTHON_LIBRARIES = [
  'openai',
  'anthropic',
  'google.genai',
  'langchain_core',
  'mistralai',
  'cohere',
  'groq',
  'ollama',
  'litellm',
  'boto3',
];

export interface ProgramContext {
  readonly loaded: Loaded;
  readonly env: NodeJS.ProcessEnv;
  readonly hooks: Hooks;
  readonly readable: (file: string) => boolean;
}

export function checkProgram(words: readonly string[], context: ProgramContext, notes: Notes): void {
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
  notes.ok('runtime', `${program.runtimes.join(' or ')}: ${program.why.join('; ')}`);
  if (!injects(plan)) {
    return notes.failed(
      'hook',
      plan.note ?? 'it would not be loaded',
      'leave the option out, or openlit-instrument attach --pid PID',
    );
  }
  for (const caveat of program.caveats) notes.failed('hook', caveat);
  if (plan.runtimes.includes('python')) tryPython(program.python ?? 'python3', plan, env, notes);
  if (plan.runtimes.includes('node')) tryNode(program.wrapper ? 'node' : found.path, plan, env, notes);
}

/** A launch without an observer: the hook is armed, and has nothing to hand over. */
const TAP_OF_TRIAL = JSON.stringify({ v: 1 });

interface Trial {
  readonly stdout: string;
  readonly stderr: string;
  readonly failure: string | undefined;
  /** Lines of the status file. */
  readonly statuses: readonly Readonly<Record<string, unknown>>[];
}

function tryRuntime(command: string, args: readonly string[], plan: LaunchPlan, env: NodeJS.ProcessEnv): Trial {
  const folder = mkdtempSync(path.join(tmpdir(), 'openlit-instrument-doctor-'));
  const statusFile = path.join(folder, 'status');
  try {
    const result = spawnSync(command, args, {
      // No call is made, so nothing is sent: the exporter's settings stay, because the hook may refuse them.
      env: { ...env, ...plan.env, [VARIABLES.tap]: TAP_OF_TRIAL, [VARIABLES.statusFile]: statusFile },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
    });
    const failure =
      result.error?.message ??
      (result.status === 0 ? undefined : lastLine(result.stderr) || `it ended with ${result.status ?? result.signal}`);
    return { stdout: result.stdout ?? '', stderr: result.stderr ?? '', failure, statuses: readStatuses(statusFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the version and the installed libraries as one JSON line, then imports the first of them. */
const PYTHON_TRIAL = `
import json, sys
from importlib.util import find_spec
def installed(name):
    try:
        return find_spec(name) is not None
    except ImportError:
        return False
names = [name for name in ${JSON.stringify(PYTHON_LIBRARIES)} if installed(name)]
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "old": sys.version_info < (3, 9), "hook": any(type(each).__module__ == "openlit_bootstrap.watch" for each in sys.meta_path), "libraries": names}))
sys.stdout.flush()
import http.client
if names:
    __import__(names[0])
`;

function tryPython(python: string, plan: LaunchPlan, env: NodeJS.ProcessEnv, notes: Notes): void {
  const trial = tryRuntime(python, ['-c', PYTHON_TRIAL], plan, env);
  const facts = parseLine(trial.stdout);
  if (!facts)
    return notes.failed('interpreter', `${python}: ${trial.failure ?? 'it printed nothing'}`, `${python} -c pass`);
  if (facts['old'] === true) {
    return notes.failed('interpreter', `Python ${facts['version']} is too old for the SDK`, 'a Python from 3.9 on');
  }
  notes.ok('interpreter', `Python ${facts['version']}, ${python}`);
  if (facts['hook'] !== true) {
    return notes.failed(
      'hook',
      'sitecustomize of openlit-instrument was not loaded: another one stands in front of it, or its start failed',
      `${python} -c "import sitecustomize; print(sitecustomize.__file__)"`,
    );
  }
  notes.ok('hook', 'loaded at interpreter start');
  const libraries = facts['libraries'] as string[];
  if (libraries.length > 0) notes.ok('library', libraries.join(', '));
  else {
    notes.failed(
      'library',
      `no LLM library that we know is installed for ${python}; calls of its HTTP clients are seen all the same`,
      `${python} -m pip install openai`,
    );
  }
  // A tap says nothing where it found its place; frameworks say that they are armed.
  if (trial.statuses.length > 0) reportStatus(trial, notes, `openlit-instrument setup python --python ${python}`);
  else if (trial.failure === undefined) notes.ok('arming', 'success: the taps are in place');
  else notes.failed('arming', trial.failure, `${python} -c "import ${libraries[0] ?? 'http.client'}"`);
}

function tryNode(node: string, plan: LaunchPlan, env: NodeJS.ProcessEnv, notes: Notes): void {
  const trial = tryRuntime(node, ['-e', 'console.log(JSON.stringify({version: process.versions.node}))'], plan, env);
  const facts = parseLine(trial.stdout);
  if (!facts) return notes.failed('interpreter', `${node}: ${trial.failure ?? 'it printed nothing'}`, `${node} -e 0`);
  notes.ok('interpreter', `Node ${facts['version']}, ${node}`);
  reportStatus(trial, notes, 'openlit-instrument attach --pid PID, while it runs');
}

const HTTP_PROTOCOL = "--protocol http/protobuf, with the collector's HTTP port: --endpoint http://HOST:4318";

function reportStatus(trial: Trial, notes: Notes, fix: string): void {
  const told = trial.statuses.find(({ result }) => result !== 'success') ?? trial.statuses.at(-1);
  if (!told) return notes.failed('arming', trial.failure ?? 'the hook said nothing', fix);
  const reason = typeof told['reason'] === 'string' && told['reason'] !== '' ? `: ${told['reason']}` : '';
  const { result } = told;
  if (result === 'success') notes.ok('arming', `${result}${reason}`);
  else notes.failed('arming', `${result}${reason}`, result === 'unsupported_protocol' ? HTTP_PROTOCOL : fix);
}

function readStatuses(file: string): Trial['statuses'] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map(parseLine).filter(line => line !== undefined);
  } catch {
    return [];
  }
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.split('\n').find(line => line.startsWith('{')) ?? '');
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
