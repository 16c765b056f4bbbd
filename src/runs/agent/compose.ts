/** The parts of an agent, put together: what it remembers, what it sees, what it can do. Nothing runs yet. */
import path from 'node:path';
import { hashedJitter, type Jitter } from '../../agent/back-off.js';
import { DEFAULT_POLICY } from '../../agent/policy.js';
import type { Status } from '../../agent/status.js';
import { letOthersFirst } from '../../attach/priority.js';
import { maskAddresses } from '../../config/mask.js';
import { attachRights } from '../../discovery/rights.js';
import { fileReason } from '../../errors.js';
import type { AgentOptions } from './agent-options.js';
import { type Bell, createBell } from './bell.js';
import { type LazyCalls, lazyCalls } from './calls.js';
import type { Dashboard } from './dashboard.js';
import { createDesiredFiles, type DesiredFiles } from './desired-files.js';
import { createExecutor, type Executor } from './executor.js';
import { createFigures, type Figures } from './figures.js';
import { makeFolder } from './folders.js';
import { createHands } from './hands.js';
import { type Journal, openJournal } from './journal.js';
import { type Lock, openLock } from './lock.js';
import { type LoopParts, steadyClock, type Tick } from './loop.js';
import { type Memory, openMemory } from './memory.js';
import { createPicture } from './observed-picture.js';
import { createProbes, type Probes } from './probes.js';
import { createSightings, type Sightings } from './sightings.js';
import { statusOf } from './status.js';
import { isProbing, took } from './tick-facts.js';

export interface Agent {
  readonly options: AgentOptions;
  readonly memory: Memory;
  readonly journal: Journal;
  readonly lock: Lock;
  readonly jitter: Jitter;
  readonly clock: () => number;
  readonly sightings: Sightings;
  readonly figures: Figures;
  readonly calls: LazyCalls;
  readonly probes: Probes;
  readonly executor: Executor;
  readonly files: DesiredFiles;
  readonly parts: LoopParts;
  readonly bell: Bell;
  /** What came while it ran. */
  readonly now: { dashboard?: Dashboard; latest?: Tick };
  status(seen: Tick): Status;
}

/** @throws Problem where its folders cannot be used */
export function composeAgent(options: AgentOptions): Agent {
  const { settings, version, say, json } = options;
  const memory = openMemory(options.state);
  const journal = openJournal(path.join(options.state, 'history.ndjson'));
  makeFolder(options.runtime, 'run-dir');
  const lock = openLock(path.join(options.runtime, 'agent.lock'));
  const rights = attachRights();
  const jitter = hashedJitter(memory.instance);
  const clock = steadyClock(Math.max(0, ...journal.records.slice(-100).map(({ at }) => at)));
  const bell = createBell();
  const now: Agent['now'] = {};
  const sightings = createSightings({ settings, version, rights });
  const figures = createFigures();
  const calls = lazyCalls({
    settings,
    version,
    note: say,
    meter: figures.meter,
    resourceOf: process => sightings.resourceOf(process, probes.ownerOf(process.pid)),
  });
  const priority: { look?: (share: number) => void } = {};
  const probes = createProbes({
    ringSize: options.ringSize,
    memoryLimit: options.memoryLimit,
    sink: async () => {
      priority.look = letOthersFirst().look;
      return (await calls.open()).sink;
    },
    note: say,
    backlog: share => priority.look?.(share),
  });
  const executor = createExecutor(
    journal,
    createHands({ probes, targets: options.targets, sightings: () => sightings.latest }),
    {
      began: ({ deed, workload }) => say(`${deed} ${workload} …`),
      ended: ({ deed, workload }, result, milliseconds) => {
        const { outcome, reason } = result;
        figures.deed(deed, outcome);
        say(`${deed} ${workload}: ${outcome}${reason === undefined ? '' : `, ${reason}`} (${took(milliseconds)})`);
        json?.({ event: 'deed', deed, workload, ...result });
        now.dashboard?.hurry();
        bell.ring();
      },
      unwritten: error => say(`the history cannot be written, so nothing is done: ${fileReason(error)}`),
    },
    clock,
  );
  const files = createDesiredFiles(options.desired, bell.ring);
  const parts: LoopParts = {
    lock: options.dryRun ? undefined : lock,
    memory,
    journal,
    files,
    sightings,
    picture: createPicture(options),
    probes,
    executor,
    rights,
    policy: DEFAULT_POLICY,
    jitter,
    clock,
    note: say,
    // Probes end with the agent: one that leaves at once sets none.
    chosen: actions => (options.once ? actions.filter(action => !isProbing(action)) : actions),
  };
  const status = (seen: Tick): Status =>
    statusOf(seen, {
      version,
      instance: memory.instance,
      known: memory.known,
      ...(options.dashboard && {
        dashboard: { url: maskAddresses(options.dashboard.url), lastOk: now.dashboard?.lastOk },
      }),
    });
  return {
    options,
    memory,
    journal,
    lock,
    jitter,
    clock,
    sightings,
    figures,
    calls,
    probes,
    executor,
    files,
    parts,
    bell,
    now,
    status,
  };
}
