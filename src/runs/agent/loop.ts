/**
 * One tick: who may act, what is asked for, what is there, what to do. Ticks never overlap; whatever happens in between
 * (a deed has ended, a file has changed, the dashboard has answered) asks for the next one at once.
 */
import type { Jitter } from '../../agent/back-off.js';
import { desiredWorkloads, wish } from '../../agent/desired.js';
import { HOUR, type Policy } from '../../agent/policy.js';
import { type Action, type Reconciled, reconcile } from '../../agent/reconcile.js';
import type { AttachRights } from '../../plan/answer.js';
import type { DesiredFiles } from './desired-files.js';
import type { Executor } from './executor.js';
import type { Journal } from './journal.js';
import type { Lock } from './lock.js';
import type { KnownWorkload, Memory } from './memory.js';
import type { Picture, PicturedWorkload } from './observed-picture.js';
import type { Probes } from './probes.js';
import { type PersonRequest, takeRequests } from './requests.js';
import type { Sighting, Sightings } from './sightings.js';

export interface LoopParts {
  /** Absent: nothing is ever done (`--dry-run`). */
  readonly lock: Lock | undefined;
  readonly memory: Memory;
  readonly journal: Journal;
  readonly files: DesiredFiles;
  readonly sightings: Sightings;
  readonly picture: Picture;
  readonly probes: Probes;
  readonly executor: Executor;
  readonly rights: AttachRights;
  readonly policy: Policy;
  readonly jitter: Jitter;
  readonly clock: () => number;
  readonly note: (line: string) => void;
  /** Of what was decided, what is carried out. */
  readonly chosen: (actions: readonly Action[]) => readonly Action[];
}

/** What one tick saw. */
export interface Tick extends Reconciled {
  readonly at: number;
  readonly lock: { readonly ours: true } | { readonly ours: false; readonly heldBy: string };
  readonly workloads: readonly PicturedWorkload[];
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly fileErrors: readonly string[];
}

/** ms; who is not seen, of whom nobody asks anything, and who is older is new when it comes again. */
const REMEMBERED = 7 * 24 * HOUR;

export async function tick(parts: LoopParts): Promise<Tick> {
  const { memory, journal, executor, probes, clock, note, rights } = parts;
  const lock = parts.lock?.hold() ?? { ours: true };
  const at = clock();
  if (lock.ours && parts.lock) takeRequests(memory.folder, request => takeUp(parts, request, at));
  const files = parts.files.apply(memory.desired, at);
  memory.setDesired(files.desired);
  const asked = new Set(desiredWorkloads(memory.desired));
  const sightings = await parts.sightings.look(asked, keys => parts.picture.namesOf(keys, note));
  const { observed } = probes;
  const workloads = await parts.picture.look({ sightings, asked, observed, rights, now: at, note });
  memory.setKnown(knownNow(memory, sightings, asked, at));
  const decided = reconcile({
    observed: { lock, workloads },
    desired: memory.desired,
    history: journal.records,
    running: executor.running,
    now: clock(),
    policy: parts.policy,
    jitter: parts.jitter,
  });
  if (parts.lock && lock.ours) {
    executor.carryOut(parts.chosen(decided.actions));
    journal.compact(new Set([...asked, ...sightings.keys()]), at - 24 * HOUR);
  }
  return { ...decided, at, lock, workloads, sightings, fileErrors: files.errors };
}

function takeUp({ journal, memory, clock, note }: LoopParts, { action, workload }: PersonRequest, at: number): void {
  if (action === 'recover') {
    journal.append({ kind: 'recovered', at: clock(), workload });
    note(`${workload} may be tried again, as asked`);
    return;
  }
  memory.setDesired(wish(memory.desired, { workload, feature: 'observe', value: 'on', source: 'ui' }, at));
  note(`${workload} is to be observed, as asked on the page`);
}

function knownNow(
  { known }: Memory,
  sightings: ReadonlyMap<string, Sighting>,
  asked: ReadonlySet<string>,
  now: number,
): Map<string, KnownWorkload> {
  const next = new Map([...known].filter(([key, { firstSeen }]) => asked.has(key) || now - firstSeen < REMEMBERED));
  for (const [key, { name, serviceName, processes }] of sightings) {
    const before = known.get(key);
    const runtime = processes.find(process => process.runtime)?.runtime?.name ?? before?.runtime;
    // A connection comes and goes; that it talks to a provider stays.
    const providers = new Set([
      ...(before?.providers ?? []),
      ...processes.flatMap(process => process.providers.map(provider => provider.name)),
    ]);
    next.set(key, {
      name,
      serviceName,
      firstSeen: before?.firstSeen ?? now,
      ...(runtime !== undefined && { runtime }),
      providers: [...providers].sort(),
    });
  }
  return next;
}

/** Never twice the same, and never backwards: an id is made of it, and facts are told from older deeds by it. */
export function steadyClock(last: number, now: () => number = Date.now): () => number {
  let before = last;
  return () => {
    before = Math.max(now(), before + 1);
    return before;
  };
}
