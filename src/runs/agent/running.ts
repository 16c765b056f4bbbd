/** The agent that runs on this machine, as other commands see it: its lock, its last status, and what may be asked of it. */
import path from 'node:path';
import type { Status } from '../../agent/status.js';
import { readIfThere } from './durable.js';
import { lockHolder } from './lock.js';
import type { AgentPlaces } from './places.js';
import { askFor } from './requests.js';

export interface RunningAgent {
  readonly pid: number;
  /** Absent: it has not looked yet. */
  readonly status?: Status;
  /** Writes the wish that a workload be observed; it is taken up at its next look. @throws NodeJS.ErrnoException */
  observe(workload: string): void;
}

/** @returns undefined where none runs. @throws NodeJS.ErrnoException where its folder may not be read */
export function runningAgent({ state, runtime }: AgentPlaces): RunningAgent | undefined {
  const pid = lockHolder(path.join(runtime, 'agent.lock'));
  if (pid === undefined) return undefined;
  const text = readIfThere(path.join(runtime, 'status.json'));
  const status = text === undefined ? undefined : (JSON.parse(text) as Status);
  return {
    pid,
    ...(status?.pid === pid && { status }),
    observe: workload => askFor(state, { action: 'observe', workload }),
  };
}
