/** What is, as the core wants it: what the processes show, what the managers say, and where our probes are. */
import type { Ability, ObservedWorkload } from '../../agent/observed.js';
import { isAdopted } from '../../agent/verdict.js';
import { Problem } from '../../errors.js';
import type { AttachRights } from '../../plan/answer.js';
import type { SeenWorkload, Target } from '../../targets/target.js';
import { conflictOf, seenProcesses, targetOf } from './process-target.js';
import type { Sighting } from './sightings.js';

/** A target with the keys that are its own. */
export type Targets = Readonly<Partial<Record<ObservedWorkload['target'], Target>>>;

export interface PictureInput {
  readonly sightings: ReadonlyMap<string, Sighting>;
  /** Keys that somebody asks something for: managers are asked for these, too. */
  readonly asked: ReadonlySet<string>;
  readonly observed: ReadonlySet<number>;
  readonly rights: AttachRights;
  readonly now: number;
  readonly note: (line: string) => void;
}

export interface Picture {
  /** Keys of containers by name, of those that the engine knows. */
  namesOf(keys: readonly string[], note: (line: string) => void): Promise<ReadonlyMap<string, string>>;
  look(input: PictureInput): Promise<readonly PicturedWorkload[]>;
}

export interface PicturedWorkload extends ObservedWorkload {
  readonly facts: Readonly<Record<string, string>>;
}

/** What a manager that does not answer said last is kept, with its age. */
export function createPicture(targets: Targets): Picture {
  const last = new Map<string, SeenWorkload>();
  const told = new Set<string>();

  const silent = ({ kind }: Target, error: Error, note: (line: string) => void): void => {
    const why = error instanceof Problem ? [error.message, error.reason].filter(Boolean).join(': ') : error.message;
    if (!told.has(kind)) note(why.startsWith(kind) ? why : `${kind} does not answer: ${why}`);
    told.add(kind);
  };
  const askManagers = async ({ sightings, asked, now, note }: PictureInput): Promise<void> => {
    const keys = [...new Set([...sightings.keys(), ...asked])];
    for (const target of new Set(Object.values(targets))) {
      const mine = keys.filter(key => targets[targetOf(key)] === target);
      if (mine.length === 0) continue;
      try {
        const seen = new Map((await target.look(mine)).map(workload => [workload.key, workload]));
        for (const key of mine) {
          const workload = seen.get(key);
          // Not younger than the look that the rest of the picture is of.
          if (workload) last.set(key, { ...workload, asOf: Math.min(workload.asOf, now) });
          else last.delete(key);
        }
        told.delete(target.kind);
      } catch (error) {
        silent(target, error as Error, note);
      }
    }
    for (const key of last.keys()) if (!keys.includes(key)) last.delete(key);
  };

  return {
    async namesOf(keys, note) {
      const target = targets.docker;
      if (!target) return new Map();
      try {
        const seen = await target.look(keys);
        return new Map(
          seen.flatMap(({ key, facts }) => {
            const id = facts['container.id'];
            return id === undefined ? [] : [[`docker:${id}`, key] as const];
          }),
        );
      } catch (error) {
        silent(target, error as Error, note);
        return new Map();
      }
    },
    async look(input) {
      const { sightings, observed, rights, now } = input;
      await askManagers(input);
      const keys = new Set([...sightings.keys(), ...last.keys()]);
      return [...keys].map(key => {
        const sighting = sightings.get(key);
        const seen = last.get(key) ?? seenProcesses(sighting!, now, unmanaged(key, targets));
        return toPictured(seen, sighting, observed, rights);
      });
    },
  };
}

function toPictured(
  seen: SeenWorkload,
  sighting: Sighting | undefined,
  observed: ReadonlySet<number>,
  rights: AttachRights,
): PicturedWorkload {
  const { can, conflict: said, ...rest } = seen;
  const pids = sighting?.processes.map(({ pid }) => pid) ?? [];
  const conflict = said ?? (sighting && conflictOf(sighting));
  // A hook of ours that a target put in is no conflict with itself.
  const own =
    conflict && isAdopted(conflict.by) && (seen.injected ?? seen.replicas.find(one => one.injected)?.injected);
  return {
    ...rest,
    ...(conflict && own === undefined && { conflict }),
    observed: pids.length > 0 && pids.every(pid => observed.has(pid)),
    can: { ...can, observe: canObserve(rights) },
  };
}

function canObserve({ impossible, missing }: AttachRights): Ability {
  if (impossible !== undefined) return { possible: false, because: impossible };
  if (missing.length === 0) return { possible: true };
  return {
    possible: false,
    because: `${missing.join(', ')} missing`,
    fix: 'run the agent as root, or docs/agent.md#rights',
  };
}

/** Why only its processes are seen. */
function unmanaged(key: string, targets: Targets): string | undefined {
  const kind = targetOf(key);
  if (kind === 'process') return undefined;
  return targets[kind]
    ? `${kind} does not know it: only its processes are seen`
    : `${kind} is not one of the targets of this agent: only its processes are seen`;
}
