/**
 * Layer `agent`: does one run on this machine, how does it stand, and what may it not do and why. Reads what it wrote; asks
 * and changes nothing.
 */
import type { Status, StatusWorkload } from '../agent/status.js';
import type { Notes } from './finding.js';

export interface AgentFacts {
  /** Of the one that acts here; absent: none runs. */
  readonly pid?: number;
  /** What it wrote at its last look; absent: it has not looked yet. */
  readonly status?: Status;
  /** Why its folders cannot be read. */
  readonly unreadable?: string;
  readonly runtime: string;
  readonly state: string;
  /** Where hooks connect, and whether somebody takes connections there. */
  readonly socket: string;
  readonly listens: boolean;
  readonly now: number;
}

/** ms after which a look is late: the agent's longest pause between two is its `--interval`, ten seconds by default. */
const LATE = 120_000;
const START = 'sudo openlit-instrument agent --desired fleet.yml';

export function checkAgent(facts: AgentFacts, notes: Notes): void {
  const { pid, status, unreadable, runtime, now } = facts;
  if (unreadable !== undefined)
    return notes.unknown(
      'running',
      `${runtime} cannot be read: ${unreadable}`,
      'sudo openlit-instrument doctor --agent',
    );
  if (pid === undefined) return notes.failed('running', 'no agent runs on this machine', START);
  notes.ok('running', `process ${pid}, lock and status in ${runtime}, state in ${facts.state}`);
  checkSocket(facts, notes);
  if (!status) return notes.unknown('looks', 'it has not looked yet');
  const age = now - Date.parse(status.at);
  const ago = `its last look was ${Math.max(0, Math.round(age / 1000))} s ago`;
  if (age > LATE) notes.failed('looks', ago, 'journalctl -u openlit-instrument-agent');
  else notes.ok('looks', `${ago}; ${status.workloads.length} workloads`);
  for (const line of status.file_errors) notes.failed('desired state', line);
  if (status.dashboard) {
    const { url, last_answer: answer } = status.dashboard;
    if (answer === undefined) notes.failed('dashboard', `${url} has not answered yet`);
    else notes.ok('dashboard', `${url} answered last at ${answer}`);
  }
  for (const workload of status.workloads) checkWorkload(workload, notes);
}

function checkSocket({ socket, listens }: AgentFacts, notes: Notes): void {
  if (listens) notes.ok('socket', `hooks can connect at ${socket}`);
  else
    notes.unknown(
      'socket',
      `nobody listens at ${socket}: hooks that it put in report by themselves, where they can (only root gives hooks)`,
    );
}

/** Only what somebody asks for and does not get: the rest is in `agent status`. */
function checkWorkload({ key, features }: StatusWorkload, notes: Notes): void {
  for (const [feature, { state, reason, fix }] of Object.entries(features)) {
    if (state === 'failed' || state === 'rolled-back' || state === 'refused')
      notes.failed(key, `${feature} is ${state}: ${reason}`, fix);
    else if (state === 'unclear') notes.unknown(key, `${feature} is unclear: ${reason}`, fix);
  }
}
