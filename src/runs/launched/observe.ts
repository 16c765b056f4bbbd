/** A launch observed from outside: one observation, whose calls go into the pipeline that is there. */
import type { LaunchedProgram } from '../../attach/launched-program.js';
import { type Observation, observe } from '../../attach/observation.js';
import type { Pipeline } from '../../calls/pipeline.js';
import type { TargetSettings } from '../../calls/recorded-call.js';
import { isObservedInside } from '../../discovery/targets.js';
import { type RuntimeName, runtimeOfCommand } from '../../machine/runtimes.js';
import { tookHook } from '../../plan/running.js';
import { callSink } from '../attach/call-sink.js';
import { keptFindings } from '../attach/kept-findings.js';
import { type ProcessResource, resourceOfProcess } from '../attach/process-resource.js';

const RING_SIZE = 16 * 1024 * 1024;
/** Bytes of unfinished exchanges. */
const MEMORY_LIMIT = 512 * 1024 * 1024;

export interface Launched extends LaunchedProgram {
  /** Those whose hook is set. */
  readonly runtimes: readonly RuntimeName[];
}

export interface LaunchedOptions extends Omit<ProcessResource, 'executable'> {
  readonly pipeline: Pipeline;
  readonly telemetry: TargetSettings;
  readonly say: (line: string) => void;
  readonly backlog?: (share: number) => void;
  readonly leaving?: () => void;
}

export interface LaunchedObservation {
  readonly observation: Observation;
  /** To be called around the start of the program, where it is our child. */
  readonly around: <T>(start: () => T) => T;
}

/** Sets the probes of the program. Throws a `Problem` that says what the machine or our rights lack. */
export function observeLaunched(launched: Launched, options: LaunchedOptions): LaunchedObservation {
  const { runtimes, ...program } = launched;
  const { pipeline, telemetry, say, backlog, leaving } = options;
  const executable = program.executables.at(-1);
  const sink = callSink(pipeline, facts => ({
    resource: resourceOfProcess(facts, {
      ...options,
      ...(facts.pid === program.pid && executable !== undefined ? { executable } : {}),
    }),
    settings: telemetry,
    pid: facts.pid,
    process: facts.name,
  }));
  const observation = observe({
    pids: [],
    ringSize: RING_SIZE,
    memoryLimit: MEMORY_LIMIT,
    keepFileLimit: program.becomes === 'child',
    follow: true,
    find: keptFindings(),
    hooked: ({ pid, name, words = [] }) =>
      isObservedInside(pid) ?? tookHook(runtimeOfCommand(name)?.name, words, runtimes),
    sink,
    say,
    attached: () => {},
    ...(backlog ? { backlog } : {}),
    ...(leaving ? { leaving } : {}),
  });
  try {
    return { observation, around: observation.launch(program) };
  } catch (error) {
    observation.stop();
    throw error;
  }
}
