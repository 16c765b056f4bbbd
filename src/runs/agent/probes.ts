/**
 * `observe`: probes on the processes of workloads, on and off while they run, all in one session of the kernel. It opens with
 * the first workload and closes with the agent. Children of an observed process belong to its workload.
 */
import { type Observation, observe } from '../../attach/observation.js';
import type { ExchangeSink } from '../../attach/observation-options.js';
import { leftOut } from '../../discovery/targets.js';
import { Problem } from '../../errors.js';
import type { Counters } from '../../wire/transport/record.js';
import { keptFindings } from '../attach/kept-findings.js';
import type { Result } from './executor.js';

export interface ProbesOptions {
  readonly ringSize: number;
  readonly memoryLimit: number;
  /** Asked for with the first workload. */
  readonly sink: () => Promise<ExchangeSink>;
  readonly note: (line: string) => void;
  readonly backlog?: (share: number) => void;
}

export interface Probes {
  attach(workload: string, pids: readonly number[]): Promise<Result>;
  detach(workload: string): Result;
  readonly observed: ReadonlySet<number>;
  /** The workload that a process was observed for. */
  ownerOf(pid: number): string | undefined;
  /** What the kernel could not deliver; absent while nothing was observed. */
  readonly lost: Counters | undefined;
  close(): Promise<void>;
}

const NOBODY: ReadonlySet<number> = new Set();

export function createProbes({ ringSize, memoryLimit, sink, note, backlog }: ProbesOptions): Probes {
  const owners = new Map<number, string>();
  let observation: Observation | undefined;
  let opening: Promise<Observation> | undefined;

  const open = async (): Promise<Observation> => {
    const own = await sink();
    observation = observe({
      pids: [],
      ringSize,
      memoryLimit,
      follow: true,
      waits: true,
      leaveOut: leftOut,
      find: keptFindings(),
      sink: {
        open: own.open,
        process: facts => own.process?.(facts),
        ended: facts => {
          own.ended?.(facts);
          owners.delete(facts.pid);
        },
        finish: own.finish,
      },
      say: note,
      attached: () => {},
      child: (pid, parent) => {
        const owner = owners.get(parent);
        if (owner !== undefined && !owners.has(pid)) owners.set(pid, owner);
      },
      ...(backlog && { backlog }),
    });
    return observation;
  };

  return {
    async attach(workload, pids) {
      opening ??= open();
      let to: Observation;
      try {
        to = await opening;
      } catch (error) {
        opening = undefined;
        return { outcome: 'failed', reason: wordsOf(error) };
      }
      const errors: string[] = [];
      for (const pid of pids) {
        owners.set(pid, workload);
        try {
          to.attach(pid);
        } catch (error) {
          owners.delete(pid);
          // Who has ended meanwhile is nobody's failure.
          if (!(error instanceof Problem && error.code === 'NO_PROCESS')) errors.push(wordsOf(error));
        }
      }
      return errors.length > 0 ? { outcome: 'failed', reason: errors[0]! } : { outcome: 'done' };
    },
    detach(workload) {
      // A child that is born meanwhile is read of while its parent leaves.
      for (let round = 0; round < 3; round++) {
        const pids = [...owners].filter(([pid, owner]) => owner === workload && observation?.observed.has(pid));
        for (const [pid] of pids) observation?.detach(pid);
        for (const [pid, owner] of owners)
          if (owner === workload && !observation?.observed.has(pid)) owners.delete(pid);
      }
      return { outcome: 'done' };
    },
    get observed() {
      return observation?.observed ?? NOBODY;
    },
    ownerOf: pid => owners.get(pid),
    get lost() {
      return observation?.counters;
    },
    async close() {
      const to = await opening?.catch(() => undefined);
      to?.stop();
      await to?.done;
    },
  };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Problem)) return (error as Error).message;
  return error.reason === undefined ? error.message : `${error.message}: ${error.reason}`;
}
