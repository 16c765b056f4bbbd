/** What is, as the core wants it: what the processes show, what the managers say, and where our probes are. */
import type { Ability, ObservedWorkload } from '../../agent/observed.js';
import { isAdopted } from '../../agent/verdict.js';
import { Problem } from '../../errors.js';
import type { AttachRights } from '../../plan/answer.js';
import type { NodePods } from '../../targets/kubernetes/node-pods.js';
import type { SeenWorkload, Target } from '../../targets/target.js';
import { conflictOf, seenProcesses, targetOf } from './process-target.js';
import type { Sighting, UnnamedContainer } from './sightings.js';

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
  /** Keys of workloads by the ids of their containers, of those that the engine or the API server knows. */
  namesOf(containers: readonly UnnamedContainer[], note: (line: string) => void): Promise<ReadonlyMap<string, string>>;
  look(input: PictureInput): Promise<readonly PicturedWorkload[]>;
}

export interface PicturedWorkload extends ObservedWorkload {
  readonly facts: Readonly<Record<string, string>>;
}

export interface PictureOptions {
  readonly targets: Targets;
  /** Why a target is not one of ours. */
  readonly missing?: Readonly<Partial<Record<ObservedWorkload['target'], string>>>;
  /** Whose the containers of pods are. */
  readonly pods?: NodePods;
}

/** What a manager that does not answer said last is kept, with its age. */
export function createPicture({ targets, missing = {}, pods }: PictureOptions): Picture {
  const last = new Map<string, SeenWorkload>();
  /** Those that do not answer, with the reason, as it was told. */
  const silence = new Map<string, string>();

  const silent = (kind: string, error: Error, note: (line: string) => void): void => {
    const why = error instanceof Problem ? [error.message, error.reason].filter(Boolean).join(': ') : error.message;
    const line = why.startsWith(kind) ? why : `${kind} does not answer: ${why}`;
    if (!silence.has(kind)) note(line);
    silence.set(kind, line);
  };
  /** Why only its processes are seen. */
  const unmanaged = (key: string): string | undefined => {
    const kind = targetOf(key);
    if (kind === 'process') return undefined;
    const why = targets[kind]
      ? (silence.get(targets[kind].kind) ?? `${kind} does not know it`)
      : (missing[kind] ?? `${kind} is not one of the targets of this agent`);
    return `${why}: only its processes are seen`;
  };
  const askManagers = async ({ sightings, asked, now, note }: PictureInput): Promise<void> => {
    const keys = [...new Set([...sightings.keys(), ...asked])];
    for (const target of new Set(Object.values(targets))) {
      const mine = keys.filter(key => targets[targetOf(key)] === target);
      if (mine.length === 0) continue;
      try {
        const seen = new Map((await target.look(mine, asked)).map(workload => [workload.key, workload]));
        for (const key of mine) {
          const workload = seen.get(key);
          // Not younger than the look that the rest of the picture is of.
          if (workload) last.set(key, { ...workload, asOf: Math.min(workload.asOf, now) });
          else last.delete(key);
        }
        silence.delete(target.kind);
      } catch (error) {
        silent(target.kind, error as Error, note);
      }
    }
    for (const key of last.keys()) if (!keys.includes(key)) last.delete(key);
  };

  return {
    async namesOf(containers, note) {
      const names = new Map<string, string>();
      const ask = async (kind: string, work: () => Promise<ReadonlyMap<string, string>>): Promise<void> => {
        try {
          for (const [id, key] of await work()) names.set(id, key);
        } catch (error) {
          silent(kind, error as Error, note);
        }
      };
      const inPods = containers.filter(({ inPod }) => inPod);
      const others = containers.filter(({ inPod }) => !inPod);
      if (pods && inPods.length > 0)
        await ask('kubernetes', () => pods.keysOf(inPods.map(({ id, podUid }) => placeOf(id, podUid))));
      const { docker } = targets;
      if (docker && others.length > 0) await ask(docker.kind, () => namesByEngine(docker, others));
      return names;
    },
    async look(input) {
      const { sightings, observed, rights, now } = input;
      await askManagers(input);
      const keys = new Set([...sightings.keys(), ...last.keys()]);
      return [...keys].map(key => {
        const sighting = sightings.get(key);
        const seen = last.get(key) ?? seenProcesses(sighting!, now, unmanaged(key));
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

const placeOf = (container: string, podUid: string | undefined) => ({
  container,
  ...(podUid !== undefined && { podUid }),
});

async function namesByEngine(engine: Target, containers: readonly UnnamedContainer[]): Promise<Map<string, string>> {
  const seen = await engine.look(containers.map(({ id }) => `docker:${id}`));
  return new Map(
    seen.flatMap(({ key, facts: { 'container.id': id } }) => (id === undefined ? [] : [[id, key] as const])),
  );
}
