/** A launch under the local view that is observed from outside: the launcher sets the probes, and then starts its child. */
import type { Loaded } from '../../config/load.js';
import { VARIABLES } from '../../config/variables.js';
import { Problem } from '../../errors.js';
import { identify } from '../../machine/identity.js';
import type { LaunchPlan } from '../../plan/launch.js';
import type { LocalView } from '../local-view/local-view.js';
import { namedByUs } from '../tap-variable.js';
import { observeLaunched } from './observe.js';
import { launchedProgram } from './program.js';

export interface ObservedChild {
  readonly env: Readonly<Record<string, string>>;
  /** To be called around the start of the program. */
  readonly around: <T>(start: () => T) => T;
  /** Takes the probes off and hands over what is left. May be called again. */
  finish(): Promise<void>;
}

export interface ChildRequest {
  readonly loaded: Loaded;
  readonly view: Pick<LocalView, 'pipeline' | 'telemetry' | 'note'>;
  /** Our version. */
  readonly version: string;
}

/** Never throws: what cannot be observed is said, and runs. */
export function observeChild(plan: LaunchPlan, { loaded, view, version }: ChildRequest): ObservedChild | undefined {
  const { pipeline, telemetry, note } = view;
  const program = launchedProgram(plan, 'child');
  try {
    const { observation, around } = observeLaunched(program, {
      // It is the view's, and ends with it.
      pipeline: { ...pipeline, finish: async () => {} },
      telemetry,
      settings: namedByUs(loaded),
      version,
      observer: process.env,
      say: note,
    });
    const { pid, startTime } = identify(process.pid);
    return {
      env: { [VARIABLES.attached]: `${pid}.${startTime}` },
      around,
      finish: () => {
        observation.stop();
        return observation.done;
      },
    };
  } catch (error) {
    const reason = error instanceof Problem ? [error.message, error.reason].filter(Boolean).join(': ') : String(error);
    note(`${program.name} is not observed from outside: ${reason}`);
    return undefined;
  }
}
