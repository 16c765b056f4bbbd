/**
 * The one variable by which a launch leads its taps to the observer, and nothing else of ours: `OTEL_*` stays as the user
 * wrote it, because the program's own exporters read it. No secret is in it. Its form: docs/protocols.md.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Loaded } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { VARIABLES } from '../config/variables.js';
import { isInitialNamespace } from '../machine/namespaces.js';
import { PACKAGE_FOLDER } from '../machine/package-folder.js';
import { type LaunchDocument, launchDocument, takeWord, writeDocument } from './observer/document.js';
import { privateFolder } from './observer/place.js';

const VERSION = 1;
/**
 * Near a limit of processes, a Node that gets some of V8's threads waits for the others for ever: the fewer, the rarer (and
 * `start-observer.sh` ends what waits). With a small young generation that one thread collects, 3,000 calls leave 75 MB resident and not 100, for the same CPU time.
 * Node 18 to 26 know these flags.
 */
export const OBSERVER_FLAGS = ['--v8-pool-size=1', '--single-threaded-gc', '--max-semi-space-size=2'];

/** Where the launcher itself observes: the taps find it, or nobody. */
export function tapOfView(socket: string, settings: Settings): string {
  return JSON.stringify({ v: VERSION, socket, view: true, wait: false, ...forHooks(settings) });
}

/**
 * For a launch with an endpoint: the first tap that has a call starts the observer.
 * @returns the variable, and what an earlier launch with these settings could not say any more
 * @throws Error when the settings can be left nowhere
 */
export function tapOfEndpoint(loaded: Loaded, env: NodeJS.ProcessEnv): { tap: string; word: string | undefined } {
  const file = writeDocument(launchDocument(loaded.settings, namedByUs(loaded), env), env);
  const word = takeWord(file);
  // A launcher inside a launch with the same settings leaves its calls to the observer that is there.
  const given = env[VARIABLES.tap];
  if (given !== undefined && leadsTo(given, file)) return { tap: given, word };
  const socket = socketPath(env);
  const observer = [
    process.execPath,
    ...OBSERVER_FLAGS,
    path.join(PACKAGE_FOLDER, 'dist', 'observer.cjs'),
    '--settings',
    file,
    ...(socket === undefined ? [] : ['--socket', socket]),
  ];
  const tap = JSON.stringify({
    v: VERSION,
    ...(socket === undefined ? {} : { socket }),
    observer,
    start: path.join(PACKAGE_FOLDER, 'dist', 'bootstrap', 'start-observer.sh'),
    // In a container the end of the program may be the end of all, the observer included.
    wait: !isInitialNamespace('pid'),
    ...forHooks(loaded.settings),
  });
  return { tap, word };
}

function leadsTo(tap: string, file: string): boolean {
  try {
    return (JSON.parse(tap) as { observer?: string[] }).observer?.includes(file) === true;
  } catch {
    return false;
  }
}

/** What a hook has to know before it hands over anything: which frameworks' own spans are wanted, and with messages or not. */
export function forHooks({ captureContent, enabledInstrumentors, disabledInstrumentors }: Settings): object {
  return {
    content: captureContent !== 'off',
    ...(enabledInstrumentors === undefined ? {} : { only: enabledInstrumentors }),
    ...(disabledInstrumentors.length === 0 ? {} : { off: disabledInstrumentors }),
  };
}

/** Flags and file win over what a program's environment says of itself; the environment's own words do not. */
export function namedByUs({ settings, sources }: Loaded): LaunchDocument['named'] {
  const ours = <K extends 'serviceName' | 'environment' | 'resourceAttributes'>(id: K) =>
    sources.get(id)?.from === 'environment' ? {} : { [id]: settings[id] };
  return { resourceAttributes: {}, ...ours('serviceName'), ...ours('environment'), ...ours('resourceAttributes') };
}

/** Absent where no folder can be ours: then each process has an observer of its own, over a socket pair. */
function socketPath(env: NodeJS.ProcessEnv): string | undefined {
  try {
    return path.join(privateFolder(env), `${randomBytes(10).toString('hex')}.sock`);
  } catch {
    return undefined;
  }
}
