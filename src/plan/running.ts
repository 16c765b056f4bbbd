/**
 * How a process that already runs can be observed: from outside now, from inside after its next start. Who is observed from
 * inside already is left alone, because its calls would count twice.
 */
import { VARIABLES } from '../config/variables.js';
import { INJECTORS, refusalOf } from '../injectors/index.js';
import type { InjectorInput, Program } from '../injectors/injector.js';
import { type RuntimeName, runtimeRow } from '../machine/runtimes.js';
import type { AttachRights, ObservationPlan } from './answer.js';
import { detectInstrumentation, type Instrumentation } from './instrumented.js';
import { noHook } from './launch.js';

/** TLS code that `attach` could probe, or why it could not. */
export interface TlsFinding {
  /** `libssl.so.3`, `OpenSSL in node`; absent when the process has no TLS code that we know. */
  readonly library?: string;
  readonly attachable: boolean;
  /** How the functions are found: `symbols`, … */
  readonly locator?: string;
  readonly reason?: string;
}

export interface RunningTarget {
  readonly kind: 'running';
  readonly process: {
    readonly pid: number;
    readonly commandLine: readonly string[];
    readonly environment?: ReadonlyMap<string, string>;
  };
  readonly runtime?: RuntimeName;
  /** Absent where the process has none that we know, or nobody looked. */
  readonly tls?: TlsFinding;
  /** Absent: all that is needed. */
  readonly rights?: AttachRights;
  /** Also what is observed from inside. */
  readonly force?: boolean;
  /** What a hook at its next start needs; without it, the plan's environment stays empty. */
  readonly injection?: Pick<InjectorInput, 'settings' | 'sources' | 'hooks' | 'readable'>;
}

export interface RunningPlan extends ObservationPlan {
  /** Who observes it from inside already. */
  readonly observedBy?: Instrumentation;
}

export function planRunning(target: RunningTarget): RunningPlan {
  const { process, runtime } = target;
  const observedBy = target.force ? undefined : detectInstrumentation(process.environment, runtime);
  if (observedBy) {
    const why = `it is observed from inside by ${observedBy.by} (${observedBy.evidence})`;
    return { way: 'none', runtimes: [], env: {}, why: [why], observedBy };
  }
  const outside = fromOutside(target);
  const inside = fromInside(target);
  const why = [outside.why, ...(inside.why === undefined ? [] : [inside.why])];
  const plan = { runtimes: inside.runtimes, env: inside.env, why };
  if (outside.possible) {
    const note = sudoNote(target);
    return { ...plan, way: inside.runtimes.length > 0 ? 'both' : 'attach', ...(note !== undefined && { note }) };
  }
  const hooked = inside.runtimes.length > 0;
  const notes = [
    // Python loads its TLS library with the first connection, so what has none today may have one in a minute. What has
    // TLS code that is not proven still shows what it says without TLS.
    ...(target.rights?.impossible === undefined
      ? [`openlit-instrument attach --pid ${process.pid}   (${withoutProbes(target)})`]
      : []),
    ...(hooked ? ['start it again behind openlit-instrument'] : []),
  ];
  return { ...plan, way: hooked ? 'inject' : 'none', ...(notes.length > 0 && { note: notes.join(', or ') }) };
}

function withoutProbes({ tls }: RunningTarget): string {
  return tls === undefined ? 'waits for a TLS library' : 'sees plain HTTP only; for TLS, run a build with symbols';
}

function fromOutside({ tls, rights }: RunningTarget): { possible: boolean; why: string } {
  if (rights?.impossible !== undefined) return { possible: false, why: `attach: ${rights.impossible}` };
  if (tls?.attachable) return { possible: true, why: `attach: ${tls.library ?? 'its TLS code'} can be probed` };
  const reason = tls?.reason ?? 'no supported TLS library is loaded';
  return { possible: false, why: `attach: ${[tls?.library, reason].filter(Boolean).join(': ')}` };
}

function sudoNote({ process, rights }: RunningTarget): string | undefined {
  if (!rights || rights.missing.length === 0) return undefined;
  return `sudo openlit-instrument attach --pid ${process.pid}   (${rights.missing.join(', ')} missing)`;
}

interface Inside extends Pick<ObservationPlan, 'runtimes' | 'env'> {
  readonly why?: string;
}

/**
 * Whether a program that has just started is observed from inside: the traces of a hook are in its environment, and nothing
 * keeps that from working (`python -I` inherits them and does not look at them).
 */
export function isHooked(process: RunningTarget['process'], runtime: RuntimeName | undefined): boolean {
  if (runtime === undefined || !detectInstrumentation(process.environment, runtime)) return false;
  return refusalOf(runtime, programOf(process, runtime), Object.fromEntries(process.environment ?? [])) === undefined;
}

/** Of a program that has ended in a launch that is observed from outside, its runtime and first words are known: whether it ran with one of these hooks. */
export function tookHook(
  runtime: RuntimeName | undefined,
  commandLine: readonly string[],
  hooked: readonly RuntimeName[],
): boolean {
  if (runtime === undefined || !hooked.includes(runtime)) return false;
  return refusalOf(runtime, programOf({ commandLine }, runtime), { [VARIABLES.attached]: 'by us' }) === undefined;
}

/** By its own words. */
function programOf({ commandLine }: Pick<RunningTarget['process'], 'commandLine'>, runtime: RuntimeName): Program {
  const [path = '', ...runtimeFlags] = commandLine;
  return { argv: commandLine, path, runtimes: [runtime], wrapper: false, runtimeFlags, why: [], caveats: [] };
}

/** By its own words and variables: a `python -I` would not load a hook after a restart either. */
function fromInside({ process, runtime, injection }: RunningTarget): Inside {
  if (runtime === undefined) return { runtimes: [], env: {} };
  const environment = Object.fromEntries(process.environment ?? []);
  const program = programOf(process, runtime);
  const refusal = refusalOf(runtime, program, environment) ?? (INJECTORS[runtime] ? undefined : noHook(runtime));
  if (refusal !== undefined) return { runtimes: [], env: {}, why: `inject: ${refusal}` };
  const outcome = injection && INJECTORS[runtime]?.({ ...injection, program, env: environment });
  if (outcome && !outcome.mine) return { runtimes: [], env: {}, why: `inject: ${outcome.because}` };
  const why = `inject: ${runtimeRow(runtime).what} takes a hook at its next start`;
  return { runtimes: [runtime], env: outcome?.mine ? outcome.env : {}, why };
}
