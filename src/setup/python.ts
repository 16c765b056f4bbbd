/**
 * Puts OpenLIT's Python SDK for one interpreter into the cache: from our own lock with hashes, made in a folder of its own
 * and renamed when it is whole, so that two set-ups at once, a cut network or Ctrl-C leave either a good copy or none.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeFolders } from '../config/make-folders.js';
import { VARIABLES } from '../config/variables.js';
import { Problem } from '../errors.js';
import { type Installer, type InstallRequest, pipInstaller, uvInstaller } from './python-installers.js';
import { pythonSdkStore, readyMark } from './python-store.js';
import { checkFolder, checkWheels, downloadWheels } from './python-wheels.js';

export { isPythonSdkReady, pythonSdkStore } from './python-store.js';

export interface PythonSetup {
  /** The interpreter: a path. */
  readonly python: string;
  /** Our folder with `sitecustomize.py` and `locks/`. */
  readonly bootstrap: string;
  /** Folder of wheels; with it nothing is fetched. */
  readonly offline?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with what is being done now, for a spinner. */
  readonly onStep?: (step: string) => void;
}

export interface PythonSdk {
  readonly folder: string;
  /** `3.11.7` */
  readonly version: string;
  /** False when it was there already. */
  readonly created: boolean;
  /** What installed it. */
  readonly installer?: string;
}

interface Interpreter {
  readonly version: string;
  /** The interpreter's own file; `setup.python` may be a name on PATH or a shim. */
  readonly executable: string;
  readonly supported: boolean;
  readonly folder: string;
  readonly lock: string;
  readonly pip: boolean;
  readonly bundledPip: string | null;
}

const run = promisify(execFile);

/** The last file of a copy: without it the copy does not count. */
const LAST_FILE = '.complete';

/** Milliseconds; a first download over a slow line is long, a hanging one is not endless. */
const INSTALL_LIMIT = 300_000;

/**
 * Returns the copy for an interpreter and makes it first when it is missing or the lock has changed.
 * @throws Problem `PYTHON_NOT_FOUND`, `PYTHON_UNSUPPORTED` (below 3.9), `NO_WHEELS` (wrong or incomplete folder),
 *   `PYTHON_SDK` (it could not be installed)
 */
export async function ensurePythonSdk(setup: PythonSetup): Promise<PythonSdk> {
  const env = setup.env ?? process.env;
  const store = pythonSdkStore(env);
  const interpreter = await ask(setup.python, setup.bootstrap, store, env);
  if (!interpreter.supported) {
    throw new Problem({
      code: 'PYTHON_UNSUPPORTED',
      message: `Python ${interpreter.version} (${setup.python}) cannot be observed from inside`,
      reason: "OpenLIT's SDK needs Python 3.9 or newer",
      fixes: ['openlit-instrument attach --pid PID'],
    });
  }
  const { folder, version } = interpreter;
  const wheels = { python: setup.python, lock: interpreter.lock, folder: setup.offline ?? 'wheels' };
  if (setup.offline !== undefined) checkFolder(wheels);
  if (existsSync(path.join(folder, LAST_FILE))) {
    mark(interpreter.executable, setup.bootstrap, store, folder);
    return { folder, version, created: false };
  }
  if (setup.offline !== undefined) checkWheels(wheels, version);
  setup.onStep?.(`Installing OpenLIT's SDK for Python ${version}`);
  const temporary = makeTemporary(store);
  try {
    const installer = await install(setup, interpreter, temporary, env);
    setup.onStep?.(`Compiling OpenLIT's SDK for Python ${version}`);
    await compile(setup.python, [temporary, setup.bootstrap], env);
    writeFileSync(path.join(temporary, LAST_FILE), `${JSON.stringify({ version, installer })}\n`);
    publish(temporary, folder);
    mark(interpreter.executable, setup.bootstrap, store, folder);
    return { folder, version, created: true, installer };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Asks the interpreter itself; the folder's name comes from the same code that looks for it later. */
const QUESTION = `
import sys
version = "%d.%d.%d" % sys.version_info[:3]
if sys.version_info < (3, 9):
    sys.stdout.write('{"version": "%s", "supported": false}' % version)
    sys.exit(0)
import glob, json, os, re
sys.path.insert(0, sys.argv[1])
from openlit_bootstrap import sdk
from importlib.machinery import PathFinder
bundled = None
try:
    import ensurepip
    own = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
    # Debian takes the wheel out of ensurepip and keeps one for its own Python; the one that came with this Python runs on it.
    for folder in (own, "/usr/share/python-wheels"):
        wheels = glob.glob(os.path.join(folder, "pip-*.whl"))
        numbers = lambda wheel: [int(n) for n in re.findall(r"[0-9]+", os.path.basename(wheel).split("-")[1])]
        bundled = bundled or max(wheels, key=numbers, default=None)
except ImportError:
    pass
print(json.dumps({"version": version, "executable": sys.executable, "supported": sys.implementation.name == "cpython", "folder": sdk.folder(),
    "lock": sdk.lock_file(), "pip": PathFinder.find_spec("pip") is not None, "bundledPip": bundled}))
`;

async function ask(python: string, bootstrap: string, store: string, env: NodeJS.ProcessEnv): Promise<Interpreter> {
  try {
    const options = { env: { ...childEnvironment(env), [VARIABLES.pythonSdk]: store }, timeout: 30_000 };
    const { stdout } = await run(python, ['-c', QUESTION, bootstrap], options);
    return JSON.parse(stdout) as Interpreter;
  } catch (error) {
    throw new Problem({
      code: 'PYTHON_NOT_FOUND',
      message: `${python} does not run as a Python interpreter`,
      reason: lastLine(error),
      fixes: ['openlit-instrument setup python --python /path/to/python'],
    });
  }
}

/** Tries the installers in turn; what each of them said becomes the reason. */
async function install(
  setup: PythonSetup,
  interpreter: Interpreter,
  target: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const offline = setup.offline === undefined ? {} : { offline: path.resolve(setup.offline) };
  const request: InstallRequest = { python: setup.python, lock: interpreter.lock, target, ...offline };
  const installers: Installer[] = [];
  const uv = uvInstaller(request, env);
  if (uv) installers.push(uv);
  if (interpreter.pip) installers.push(pipInstaller(request, ['-m', 'pip'], 'pip'));
  if (interpreter.bundledPip) {
    installers.push(pipInstaller(request, [path.join(interpreter.bundledPip, 'pip')], "ensurepip's pip"));
  }
  const reasons: string[] = [];
  for (const { name, command, args } of installers) {
    try {
      await run(command, [...args], { env: childEnvironment(env), timeout: INSTALL_LIMIT, maxBuffer: 1 << 24 });
      return name;
    } catch (error) {
      reasons.push(`${name}: ${lastLine(error)}`);
    }
  }
  throw new Problem({
    code: 'PYTHON_SDK',
    message: `OpenLIT's SDK for Python ${interpreter.version} could not be installed`,
    reason: reasons.join('; ') || 'neither uv nor pip nor ensurepip was found',
    fixes: [
      ...(setup.offline === undefined ? [`openlit-instrument setup python --python ${setup.python}`] : []),
      ...downloadWheels({ python: setup.python, lock: interpreter.lock, folder: setup.offline ?? 'wheels' }),
    ],
  });
}

/**
 * Without bytecode every start of a program would compile what it imports: twice as slow. Our own folder too, where it can
 * be written: a program that runs as somebody else may not write there, and would spend 2 ms a start and 26 ms to arm.
 */
async function compile(python: string, folders: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const options = { env: childEnvironment(env), timeout: INSTALL_LIMIT };
  // A file that this version cannot compile (a test of another syntax) is no reason to fail.
  await run(python, ['-m', 'compileall', '-q', ...folders], options).catch(() => undefined);
}

/** Somebody else may have been faster with the same: then theirs stays. */
function publish(temporary: string, folder: string): void {
  try {
    renameSync(temporary, folder);
  } catch (error) {
    if (existsSync(path.join(folder, LAST_FILE))) return;
    rmSync(folder, { recursive: true, force: true });
    try {
      renameSync(temporary, folder);
    } catch {
      if (!existsSync(path.join(folder, LAST_FILE))) throw cannotWrite(folder, error);
    }
  }
}

/** Lets the next launch with this interpreter see with one stat that all is there. */
function mark(python: string, bootstrap: string, store: string, folder: string): void {
  try {
    const file = readyMark(python, bootstrap, store);
    makeFolders(path.dirname(file));
    rmSync(file, { force: true });
    symlinkSync(path.join(folder, LAST_FILE), file);
  } catch {
    // A shared cache that is read-only: the next launch asks the interpreter once more.
  }
}

function makeTemporary(store: string): string {
  try {
    makeFolders(store);
    return mkdtempSync(path.join(store, '.new-'));
  } catch (error) {
    throw cannotWrite(store, error);
  }
}

function cannotWrite(folder: string, error: unknown): Problem {
  return new Problem({
    code: 'PYTHON_SDK',
    message: `${folder} cannot be written`,
    reason: (error as Error).message,
    fixes: [`export ${VARIABLES.cacheDir}=/a/folder/you/can/write`],
  });
}

/** Our hook, the user's site options and a program's PYTHONPATH have no say in an installation; index settings do. */
function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = { ...env, [VARIABLES.disabled]: '1', PIP_USER: '0' };
  for (const name of [
    'PYTHONPATH',
    'PYTHONHOME',
    'PYTHONSTARTUP',
    'PIP_TARGET',
    'PIP_PREFIX',
    'PIP_REQUIRE_VIRTUALENV',
  ]) {
    delete kept[name];
  }
  return kept;
}

/** The words of a failed command that a person needs, without credentials in URLs. */
function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const lines = (stderr || message || String(error)).split('\n').filter(line => line.trim() !== '');
  const telling = lines.findLast(line => /error/i.test(line)) ?? lines.at(-1) ?? '';
  return telling
    .trim()
    .replace(/:\/\/[^\s/@]+@/g, '://***@')
    .slice(0, 300);
}
