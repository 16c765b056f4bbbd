/** Which processes `attach` was asked for: by pid, by port. Those that an SDK observes already are left out. */
import { EXIT_STATUS, Problem } from '../errors.js';
import { type ProcessFacts, readFacts } from '../machine/facts.js';
import { listPids } from '../machine/proc.js';
import { detectRuntime } from '../machine/runtime.js';
import { createSocketReader } from '../machine/sockets.js';
import type { Instrumentation } from '../plan/instrumented.js';
import { planFor } from '../plan/plan-for.js';
import { isHooked, type RunningPlan, type TlsFinding } from '../plan/running.js';

export interface TargetSelection {
  readonly pids: readonly number[];
  /** TCP ports that a process listens on or is connected to. */
  readonly ports: readonly number[];
  /** Also processes whose calls are observed from inside. */
  readonly force: boolean;
}

/** The processes that the selection names. Throws a `Problem` when a port fits none, or when none is left. */
export function selectTargets(selection: TargetSelection, say: (line: string) => void): number[] {
  const { pids, ports, force } = selection;
  const wanted = [...new Set([...pids, ...ports.flatMap(byPort)])];
  if (wanted.length === 0)
    throw new Problem({
      code: 'NO_TARGET',
      message: 'attach needs to know what to observe',
      fixes: ['openlit-instrument ps', 'openlit-instrument attach --pid PID', 'openlit-instrument attach --all'],
      exit: EXIT_STATUS.usage,
    });
  const left = wanted.filter(pid => {
    const seen = force ? undefined : observedBy(pid);
    if (seen) say(leftOutLine(pid, seen));
    return !seen;
  });
  if (left.length > 0) return left;
  throw new Problem({
    code: 'ALREADY_OBSERVED',
    message: 'nothing is left to observe',
    fixes: [`openlit-instrument attach ${wanted.map(pid => `--pid ${pid}`).join(' ')} --force`],
  });
}

/** How this process can be observed; undefined for one that has ended. Without an inspector its TLS code is not looked for. */
export function planOf(
  pid: number,
  inspectTls?: (process: ProcessFacts) => TlsFinding | undefined,
): RunningPlan | undefined {
  const process = readFacts(pid);
  if (!process) return undefined;
  const runtime = detectRuntime(process)?.name;
  const tls = inspectTls?.(process);
  return planFor({ kind: 'running', process, ...(runtime && { runtime }), ...(tls && { tls }) });
}

/** Who observes this process from inside already. */
export const observedBy = (pid: number): Instrumentation | undefined => planOf(pid)?.observedBy;

/** Whether this process, whose program has just started, is observed from inside; undefined for one that has ended. */
export function isObservedInside(pid: number): boolean | undefined {
  const process = readFacts(pid);
  return process && isHooked(process, detectRuntime(process)?.name);
}

/** Why this process is left out; undefined when it is not. */
export function leftOut(pid: number): string | undefined {
  const seen = observedBy(pid);
  return seen && leftOutLine(pid, seen);
}

export function leftOutLine(pid: number, seen: Instrumentation): string {
  return `process ${pid} is observed from inside by ${seen.by} (${seen.evidence}): left out, so that its calls do not count twice; --force observes it all the same`;
}

function byPort(port: number): number[] {
  const readSockets = createSocketReader();
  const pids = listPids().filter(pid => {
    const sockets = pid === process.pid ? undefined : readSockets(pid);
    return sockets !== undefined && [...sockets.listening, ...sockets.peers].some(peer => peer.port === port);
  });
  if (pids.length > 0) return pids;
  throw new Problem({
    code: 'NO_PROCESS',
    message: `no process listens on port ${port} or is connected to it`,
    fixes: ['openlit-instrument ps'],
  });
}
