/** How a program that is about to be launched will be observed. */
import { VARIABLES } from '../config/variables.js';
import { INJECTORS, SEEN_IN_PART } from '../injectors/index.js';
import type { InjectorInput, Program } from '../injectors/injector.js';
import { type RuntimeName, runtimeRow } from '../machine/runtimes.js';
import type { AttachRights, ObservationPlan } from './answer.js';

/** `program`: what `detect` found out by words, PATH and files. */
export interface LaunchTarget extends InjectorInput {
  readonly kind: 'launch';
  /** What this machine and our rights allow; absent: nobody looked, and it is not observed from outside. */
  readonly rights?: AttachRights;
  /** A launch around this one observes from outside what it starts. */
  readonly attached?: boolean;
}

export interface LaunchPlan extends ObservationPlan {
  readonly program: Program;
}

export function planLaunch(target: LaunchTarget): LaunchPlan {
  const { program } = target;
  const env: Record<string, string> = {};
  const runtimes: RuntimeName[] = [];
  const why = [...program.why];
  const refusals: string[] = [];
  const injection = seesAll(target) ? { ...target, env: { ...target.env, [VARIABLES.attached]: 'by us' } } : target;
  for (const runtime of program.runtimes) {
    const outcome = INJECTORS[runtime]?.(injection) ?? { mine: false, because: noHook(runtime) };
    if (outcome.mine) {
      runtimes.push(runtime);
      Object.assign(env, outcome.env);
      why.push(outcome.why);
    } else {
      refusals.push(outcome.because);
      why.push(outcome.because);
    }
  }
  const hooked = runtimes.length > 0;
  const outside = fromOutside(target, hooked);
  const note = noteOf(target, hooked, refusals, outside);
  return {
    program,
    way: outside.attaches ? (hooked ? 'both' : 'attach') : hooked ? 'inject' : 'none',
    runtimes,
    env,
    why: [...why, ...program.caveats, ...outside.why],
    ...(note !== undefined && { note }),
  };
}

/** Whether its hook sees only a part of what the program itself may call. */
export const isSeenInPart = ({ wrapper, runtimes }: Program): boolean =>
  !wrapper && runtimes.some(runtime => SEEN_IN_PART.has(runtime));

export const mayProbe = (rights: AttachRights | undefined): boolean =>
  rights?.impossible === undefined && rights?.missing.length === 0;

/** Probes can be set on such a program. */
const seesAll = ({ program, rights }: LaunchTarget): boolean => isSeenInPart(program) && mayProbe(rights);

/** Whether it is asked at all: a program with a hook of its own needs no probes, one that starts others may start any. */
const wantsProbes = ({ program }: LaunchTarget, hooked: boolean): boolean => !hooked || program.wrapper;

interface Outside {
  readonly attaches: boolean;
  readonly why: readonly string[];
  /** What keeps it from being observed from outside, and what to type; absent where nothing does, or nobody looked. */
  readonly missing?: string;
  /** A launch around this one does it. */
  readonly already?: boolean;
}

function fromOutside(target: LaunchTarget, hooked: boolean): Outside {
  const { program, rights, attached } = target;
  if (!wantsProbes(target, hooked)) return { attaches: false, why: [] };
  if (attached) {
    const why = 'attach: the launch around this one observes it from outside';
    return { attaches: false, why: [why], already: true };
  }
  if (!rights) return { attaches: false, why: [] };
  if (rights.impossible !== undefined)
    return { attaches: false, why: [`attach: ${rights.impossible}`], missing: rights.impossible };
  if (rights.missing.length > 0) {
    const missing = `attach needs ${rights.missing.join(', ')}`;
    return { attaches: false, why: [`attach: ${missing}`], missing: `${missing}: ${withRights(rights.missing)}` };
  }
  const why = hooked
    ? `attach: ${program.argv[0]} may start programs that take no hook`
    : 'attach: probes from outside, set before its first instruction';
  return { attaches: true, why: [why] };
}

/** What gives a launch the rights: as root, or as oneself with these capabilities alone. */
const withRights = (missing: readonly string[]): string =>
  `sudo -E openlit-instrument …, or give your Node the rights: sudo setcap ${missing.map(name => name.toLowerCase()).join(',')}+ep "$(readlink -f "$(command -v node)")"`;

/** A program that runs as if we were not there. */
export function barePlan(argv: readonly string[], path: string, why: string): LaunchPlan {
  const program = { argv, path, runtimes: [], wrapper: false, runtimeFlags: [], why: [], caveats: [] };
  return { program, way: 'none', runtimes: [], env: {}, why: [why] };
}

export const noHook = (runtime: RuntimeName): string => `there is no hook for ${runtimeRow(runtime).what}`;

function noteOf(
  { program, rights }: LaunchTarget,
  hooked: boolean,
  refusals: readonly string[],
  { attaches, missing, already }: Outside,
): string | undefined {
  if (hooked && isSeenInPart(program) && rights) {
    const probes =
      rights.impossible === undefined
        ? `; probes see it: ${withRights(rights.missing)}`
        : `, nor by probes: ${rights.impossible}`;
    return `${program.argv[0]}: its own fetch is not seen by the hook${probes}`;
  }
  if (hooked) return program.caveats[0];
  if (attaches || already) return undefined;
  const reason = refusals[0] ?? program.why.at(-1) ?? 'its runtime is not known';
  const watch = missing ?? 'to observe it from outside while it runs: openlit-instrument attach --pid PID';
  return `${program.argv[0]} runs un-instrumented: ${reason}; ${watch}`;
}
