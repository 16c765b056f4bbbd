/** Program + settings -> the whole plan of a launch. Pure but for the file checks of `detect`, which come before. */
import { bunInjector } from '../injectors/bun.js';
import type { Injector, InjectorInput, Program, Runtime } from '../injectors/injector.js';
import { denoInjector, nodeInjector } from '../injectors/node.js';
import { pythonInjector } from '../injectors/python.js';

/** One row a runtime. */
const INJECTORS: readonly Injector[] = [pythonInjector, nodeInjector, bunInjector, denoInjector];

export interface Plan {
  readonly program: Program;
  /** Runtimes that get a hook; empty: the program runs bare. */
  readonly hooked: readonly Runtime[];
  /** What has to be set; names that are not here stay untouched. */
  readonly env: Readonly<Record<string, string>>;
  readonly why: readonly string[];
  /** One line for stderr when the program runs without a hook, or with a doubt. */
  readonly note: string | undefined;
}

export function planLaunch(input: InjectorInput): Plan {
  const { program } = input;
  const outcomes = INJECTORS.filter(({ runtime }) => program.runtimes.includes(runtime)).map(({ runtime, inject }) => ({
    runtime,
    outcome: inject(input),
  }));
  const env: Record<string, string> = {};
  const hooked: Runtime[] = [];
  const why = [...program.why];
  const refusals: string[] = [];
  for (const { runtime, outcome } of outcomes) {
    if (outcome.mine) {
      hooked.push(runtime);
      Object.assign(env, outcome.env);
      why.push(outcome.why);
    } else {
      refusals.push(outcome.because);
      why.push(outcome.because);
    }
  }
  return { program, hooked, env, why: [...why, ...program.caveats], note: noteOf(program, hooked, refusals) };
}

function noteOf(program: Program, hooked: readonly Runtime[], refusals: readonly string[]): string | undefined {
  const name = program.argv[0];
  if (hooked.length > 0) return program.caveats[0];
  const watch = 'to observe it from outside while it runs: openlit-instrument attach --pid PID';
  if (refusals.length > 0) return `${name} runs un-instrumented: ${refusals[0]}; ${watch}`;
  const reason = program.why.at(-1) ?? 'its runtime is not known';
  return `${name} runs un-instrumented: ${reason}; ${watch}`;
}
