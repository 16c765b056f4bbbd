/**
 * The variables by which a runtime loads a file before the program. Python's and Node's are made by the injectors of a launch;
 * the others load OpenTelemetry's own agents. What is there stays, ours is added; twice is as once.
 */
import path from 'node:path';
import { mergeSettings } from '../config/load.js';
import { VARIABLES } from '../config/variables.js';
import { INJECTORS } from '../injectors/index.js';
import type { Hooks, Program } from '../injectors/injector.js';
import { runtimeOfCommand } from '../machine/runtimes.js';
import type { Language } from './facts.js';
import type { Container } from './kubernetes.js';
import { MOUNT, mountOf } from './names.js';

export type Values = Readonly<Record<string, string | undefined>>;
export type Loaded =
  | { readonly mine: true; readonly env: Readonly<Record<string, string>> }
  | { readonly mine: false; readonly because: string };

/** Variables whose values must be known before one of them may be set. */
export const LOADER_VARIABLES: Readonly<Record<Language, readonly string[]>> = {
  python: ['PYTHONPATH'],
  nodejs: ['NODE_OPTIONS'],
  java: ['JAVA_TOOL_OPTIONS'],
  ruby: ['RUBYOPT'],
  dotnet: [
    'DOTNET_STARTUP_HOOKS',
    'DOTNET_ADDITIONAL_DEPS',
    'DOTNET_SHARED_STORE',
    'CORECLR_ENABLE_PROFILING',
    'CORECLR_PROFILER',
    'CORECLR_PROFILER_PATH',
    VARIABLES.dotnetHome,
  ],
  sdk: [],
};

export const HOOKS: Hooks = { python: `${MOUNT}/python`, node: `${MOUNT}/node/hook.cjs` };

/** @param platform of .NET's native part: `linux-x64`, `linux-musl-x64` */
export function loaderOf(language: Language, values: Values, container: Container, platform: string): Loaded {
  switch (language) {
    case 'python':
      return own('python', values, container);
    case 'nodejs':
      return own('node', values, container);
    case 'java':
      return mine(
        'JAVA_TOOL_OPTIONS',
        added(values['JAVA_TOOL_OPTIONS'], `-javaagent:${mountOf('java')}/javaagent.jar`),
      );
    case 'ruby':
      return mine('RUBYOPT', added(values['RUBYOPT'], `-r${mountOf('ruby')}/src/autoinstrumentation`));
    case 'dotnet':
      return dotnet(values, platform);
    case 'sdk':
      return { mine: true, env: {} };
  }
}

const mine = (name: string, value: string): Loaded => ({ mine: true, env: { [name]: value } });

function added(before = '', ours: string): string {
  if (before.split(/\s+/).includes(ours)) return before;
  return before.trim() === '' ? ours : `${before} ${ours}`;
}

/** The files come with the volume: an init container that cannot copy them keeps the pod from starting. */
function own(runtime: 'python' | 'node', env: Values, container: Container): Loaded {
  const { settings, sources } = mergeSettings([], {}, undefined);
  const program = programOf(runtime, container);
  return INJECTORS[runtime]!({ program, settings, sources, env, hooks: HOOKS, readable: () => true });
}

/** What the manifest says of the command. An entrypoint of the image is not known, and stands for a program that starts others. */
function programOf(runtime: 'python' | 'node', { command = [], args = [] }: Container): Program {
  const argv = [...command, ...args];
  const direct = command[0] !== undefined && runtimeOfCommand(path.posix.basename(command[0]))?.name === runtime;
  return {
    argv,
    path: argv[0] ?? '',
    runtimes: [runtime],
    wrapper: !direct,
    runtimeFlags: direct ? argv.slice(1) : [],
    why: [],
    caveats: [],
  };
}

/** The identity of OpenTelemetry's profiler (its documentation). */
const PROFILER = '{918728DD-259F-4A6A-AC2B-B85E1B658318}';

function dotnet(values: Values, platform: string): Loaded {
  const home = mountOf('dotnet');
  if (values[VARIABLES.dotnetHome]) return { mine: false, because: `${VARIABLES.dotnetHome} is set already` };
  const other = values['CORECLR_PROFILER'];
  if (other && other !== PROFILER) return { mine: false, because: `another profiler is loaded (${other})` };
  const joined = (before: string | undefined, ours: string) =>
    before?.split(':').includes(ours) ? before : before ? `${before}:${ours}` : ours;
  return {
    mine: true,
    env: {
      CORECLR_ENABLE_PROFILING: values['CORECLR_ENABLE_PROFILING'] || '1',
      CORECLR_PROFILER: PROFILER,
      CORECLR_PROFILER_PATH:
        values['CORECLR_PROFILER_PATH'] || `${home}/${platform}/OpenTelemetry.AutoInstrumentation.Native.so`,
      DOTNET_STARTUP_HOOKS: joined(
        values['DOTNET_STARTUP_HOOKS'],
        `${home}/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll`,
      ),
      DOTNET_ADDITIONAL_DEPS: joined(values['DOTNET_ADDITIONAL_DEPS'], `${home}/AdditionalDeps`),
      DOTNET_SHARED_STORE: joined(values['DOTNET_SHARED_STORE'], `${home}/store`),
      [VARIABLES.dotnetHome]: home,
    },
  };
}
