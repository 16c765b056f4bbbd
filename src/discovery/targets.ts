/** Which processes `attach` was asked for: by pid, by port. Those that an SDK observes already are left out. */
import { EXIT_STATUS, Problem } from '../errors.js';
import { type ProcessFacts, readCommandLine, readFacts } from '../machine/facts.js';
import { namespaceOf } from '../machine/namespaces.js';
import { listPids } from '../machine/proc.js';
import { detectRuntime } from '../machine/runtime.js';
import { createSocketReader } from '../machine/sockets.js';
import { readStat } from '../machine/stat.js';
import type { Instrumentation } from '../plan/instrumented.js';
import { planFor } from '../plan/plan-for.js';
import type { RunningPlan, TlsFinding } from '../plan/running.js';

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
  for (const pid of pids) refuseKernelThread(pid);
  const wanted = [...new Set([...pids, ...ports.flatMap(port => byPort(port, say))])];
  if (wanted.length === 0)
    throw new Problem({
      code: 'NO_TARGET',
      message: 'no process named',
      reason: 'attach needs to know what to observe',
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

/** Why this process is left out; undefined when it is not. */
export function leftOut(pid: number): string | undefined {
  const seen = observedBy(pid);
  return seen && leftOutLine(pid, seen);
}

export function leftOutLine(pid: number, seen: Instrumentation): string {
  return `process ${pid} is already observed from inside by ${seen.by} (${seen.evidence}), skipped; --force observes it too (its calls count twice)`;
}

/** Process 2 is the parent of the kernel's own threads. */
const KERNEL_PARENT = 2;

/** It has no program, so there is nothing to wait for. */
function refuseKernelThread(pid: number): void {
  const stat = readStat(pid);
  if (stat === undefined || (pid !== KERNEL_PARENT && stat.parent !== KERNEL_PARENT)) return;
  if (readCommandLine(pid).length > 0) return; // in a container, 2 is a process like others
  throw new Problem({
    code: 'KERNEL_THREAD',
    message: `process ${pid} (${stat.kernelName}) is a thread of the kernel`,
    reason: 'it runs no program and makes no LLM call',
    fixes: ['openlit-instrument ps'],
  });
}

/** The same port is another one in another network namespace: those of containers are taken only where ours has none. */
function byPort(port: number, say: (line: string) => void): number[] {
  const readSockets = createSocketReader();
  const pids = listPids().filter(pid => {
    const sockets = pid === process.pid ? undefined : readSockets(pid);
    return sockets !== undefined && [...sockets.listening, ...sockets.peers].some(peer => peer.port === port);
  });
  const own = namespaceOf('self', 'net');
  const here = pids.filter(pid => namespaceOf(pid, 'net') === own);
  if (here.length > 0 && here.length < pids.length) {
    say(`port ${port} of this network namespace only; other namespaces have it too: --pid observes those processes`);
  }
  if (here.length > 0) return here;
  if (pids.length > 0) return pids;
  throw new Problem({
    code: 'NO_PROCESS',
    message: `no process listens on port ${port} or is connected to it`,
    fixes: ['openlit-instrument ps'],
  });
}
