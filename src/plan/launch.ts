/** How a program that is about to be launched will be observed. */
import { INJECTORS } from '../injectors/index.js';
import type { InjectorInput, Program } from '../injectors/injector.js';
import { type RuntimeName, runtimeRow } from '../machine/runtimes.js';
import type { ObservationPlan } from './answer.js';

/** `program`: what `detect` found out by words, PATH and files. */
export interface LaunchTarget extends InjectorInput {
  readonly kind: 'launch';
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
  for (const runtime of program.runtimes) {
    const outcome = INJECTORS[runtime]?.(target) ?? { mine: false, because: noHook(runtime) };
    if (outcome.mine) {
      runtimes.push(runtime);
      Object.assign(env, outcome.env);
      why.push(outcome.why);
    } else {
      refusals.push(outcome.because);
      why.push(outcome.because);
    }
  }
  const note = noteOf(program, runtimes.length > 0, refusals);
  return {
    program,
    way: runtimes.length > 0 ? 'inject' : 'none',
    runtimes,
    env,
    why: [...why, ...program.caveats],
    ...(note !== undefined && { note }),
  };
}

/** A program that runs as if we were not there. */
export function barePlan(argv: readonly string[], path: string, why: string): LaunchPlan {
  const program = { argv, path, runtimes: [], wrapper: false, runtimeFlags: [], why: [], caveats: [] };
  return { program, way: 'none', runtimes: [], env: {}, why: [why] };
}

export const noHook = (runtime: RuntimeName): string => `there is no hook for ${runtimeRow(runtime).what}`;

function noteOf(program: Program, hooked: boolean, refusals: readonly string[]): string | undefined {
  if (hooked) return program.caveats[0];
  const reason = refusals[0] ?? program.why.at(-1) ?? 'its runtime is not known';
  const watch = 'to observe it from outside while it runs: openlit-instrument attach --pid PID';
  return `${program.argv[0]} runs un-instrumented: ${reason}; ${watch}`;
}
