/** The page beside a running agent: a click is a wish that the agent keeps, and outlives the page. */
import { setTimeout as pause } from 'node:timers/promises';
import type { StatusWorkload } from '../agent/status.js';
import { fileReason } from '../errors.js';
import type { Observation, ProcessRow } from '../ui/api.js';
import { agentPlaces } from './agent/places.js';
import { type RunningAgent, runningAgent } from './agent/running.js';

/** Milliseconds that the page waits: the agent looks every ten seconds, and reading a large program takes some more. */
const PATIENCE = 25_000;
const EVERY = 250;

export interface AgentBeside {
  readonly pid: number;
  workloadOf(pid: number): StatusWorkload | undefined;
  /** Asks for it, and says what became of it. */
  observe(pid: number): Promise<Observation>;
}

/** @returns undefined where no agent runs, or where its folders are not ours to read */
export function agentBeside(env: NodeJS.ProcessEnv, root: boolean): AgentBeside | undefined {
  const places = agentPlaces({ state: undefined, run: undefined }, env, root);
  const find = (): RunningAgent | undefined => {
    try {
      return runningAgent(places);
    } catch {
      return undefined;
    }
  };
  const agent = find();
  if (!agent) return undefined;
  const workloadOf = (pid: number) => find()?.status?.workloads.find(({ pids }) => pids.includes(pid));
  return {
    pid: agent.pid,
    workloadOf,
    async observe(pid) {
      const key = workloadOf(pid)?.key;
      if (key === undefined) return { pid, state: 'ended', text: 'the agent does not see this process any more' };
      try {
        agent.observe(key);
      } catch (error) {
        return { pid, state: 'ended', text: `the agent cannot be asked: ${fileReason(error)}` };
      }
      let said = 'asked';
      for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(EVERY)) {
        const workload = workloadOf(pid);
        const { state, reason } = workload?.features.observe ?? { state: 'gone', reason: 'it has ended' };
        said = `${state}: ${reason}`;
        if (workload?.observed || state === 'on' || state === 'adopted')
          return { pid, state: 'attached', text: `the agent observes ${key}, and keeps it so` };
        if (state === 'refused' || state === 'failed' || state === 'gone') break;
      }
      return { pid, state: 'ended', text: `the agent says of ${key}: ${said}` };
    },
  };
}

/** A row of the page, as the agent knows it. */
export function withAgent(row: ProcessRow, agent: AgentBeside | undefined): ProcessRow {
  const workload = agent?.workloadOf(row.pid);
  if (!workload) return row;
  if (!workload.observed && !workload.injected)
    return { ...row, note: `${workload.key}: the agent would keep it observed` };
  return { ...row, way: `observed by the agent (process ${agent!.pid})`, note: workload.key, mayStart: false };
}
