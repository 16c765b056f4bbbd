/** A launch under the local view that is observed from outside: the launcher sets the probes, and then starts its child. */
import type { Pipeline } from '../../calls/pipeline.js';
import type { TargetSettings } from '../../calls/recorded-call.js';
import type { Loaded } from '../../config/load.js';
import { VARIABLES } from '../../config/variables.js';
import { Problem } from '../../errors.js';
import { identify } from '../../machine/identity.js';
import { namedByUs } from '../tap-variable.js';
import { type Launched, observeLaunched } from './observe.js';

export interface ObservedChild {
  readonly env: Readonly<Record<string, string>>;
  /** To be called around the start of the program. */
  readonly around: <T>(start: () => T) => T;
  /** Takes the probes off and hands over what is left. May be called again. */
  finish(): Promise<void>;
}

export interface ChildRequest {
  readonly loaded: Loaded;
  readonly pipeline: Pipeline;
  readonly telemetry: TargetSettings;
  readonly version: string;
  readonly note: (line: string) => void;
}

/** Never throws: what cannot be observed is said, and runs. */
export function observeChild(program: Launched, request: ChildRequest): ObservedChild | undefined {
  const { loaded, pipeline, telemetry, version, note } = request;
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
