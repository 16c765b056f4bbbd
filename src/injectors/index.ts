/** The runtimes that take a hook, one row each. A runtime without a row runs un-instrumented, and can be attached to. */
import type { RuntimeName } from '../machine/runtimes.js';
import { bunInjector } from './bun.js';
import { denoInjector } from './deno.js';
import type { Injector, InjectorInput, Outcome, Program } from './injector.js';
import { nodeInjector } from './node.js';
import { pythonInjector } from './python.js';

const ROWS: Partial<Record<RuntimeName, Injector>> = {
  python: pythonInjector,
  node: nodeInjector,
  bun: bunInjector,
  deno: denoInjector,
};

/** Whose hook sees only a part of what the program itself may call. */
export const SEEN_IN_PART: ReadonlySet<RuntimeName> = new Set(['deno']);

/** What keeps a hook of this runtime from working, told without settings; undefined when nothing does, or nobody knows. */
export function refusalOf(runtime: RuntimeName, program: Program, env: NodeJS.ProcessEnv): string | undefined {
  return ROWS[runtime]?.refuses(program, env);
}

/** By runtime: the environment for its hook, or why there is none. */
export const INJECTORS: Partial<Record<RuntimeName, (input: InjectorInput) => Outcome>> = Object.fromEntries(
  Object.entries(ROWS).map(([runtime, { refuses, inject }]) => [
    runtime,
    (input: InjectorInput): Outcome => {
      const because = refuses(input.program, input.env);
      return because === undefined ? inject(input) : { mine: false, because };
    },
  ]),
);
