/**
 * A launch with an endpoint that is observed from outside: an observer is started beside the program, and the launcher
 * waits until the probes are set. Then it becomes the program.
 */
import path from 'node:path';
import type { Loaded } from '../../config/load.js';
import { VARIABLES } from '../../config/variables.js';
import { startDetached } from '../../machine/exec/detached.js';
import { PACKAGE_FOLDER } from '../../machine/package-folder.js';
import type { LaunchPlan } from '../../plan/launch.js';
import { launchDocument, takeWord, writeDocument } from '../observer/document.js';
import { namedByUs, OBSERVER_FLAGS } from '../tap-variable.js';
import { launchedProgram } from './program.js';

/** Milliseconds that the program waits for its probes, at most. */
const PATIENCE = 2_000;
/** What the observer runs with: nothing that steers a Node, and nothing secret. */
const HANDED_ON = /^(?:PATH|HOME|XDG_\w+|TMPDIR|LANG)$/;

export interface Beside {
  /** What the program gets into its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Lines for people. */
  readonly notes: readonly string[];
}

/** Never throws: without an observer the program runs un-observed, and a note says why. */
export async function observeBeside(plan: LaunchPlan, loaded: Loaded): Promise<Beside> {
  const program = launchedProgram(plan, 'itself');
  try {
    const document = launchDocument(loaded.settings, namedByUs(loaded), process.env);
    const file = writeDocument(document, process.env);
    const word = takeWord(file);
    const code = path.join(PACKAGE_FOLDER, 'dist', 'attach-observer.cjs');
    const words = ['--settings', file, '--launch', JSON.stringify(program)];
    const line = await startDetached([process.execPath, ...OBSERVER_FLAGS, code, ...words], ownEnvironment(), PATIENCE);
    const [, attached] = /^ready (\S+)$/.exec(line ?? '') ?? [];
    const late = line ?? `its observer was not ready within ${PATIENCE / 1000} s, so its first calls may be missing`;
    return {
      env: attached === undefined ? {} : { [VARIABLES.attached]: attached },
      notes: [
        ...(word === undefined ? [] : [`an earlier launch: ${word}`]),
        ...(attached === undefined ? [`${program.name} is not observed from outside: ${late}`] : []),
      ],
    };
  } catch (error) {
    return { env: {}, notes: [`${program.name} is not observed from outside: ${(error as Error).message}`] };
  }
}

function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => HANDED_ON.test(name));
  return { ...Object.fromEntries(kept), [VARIABLES.disabled]: '1' };
}
