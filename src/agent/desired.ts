/**
 * What people ask for, out of three sources, settled into one answer per workload and feature. Pure.
 *
 * A file beats the page of the agent, which beats the dashboard: what is under version control wins over a click, and who
 * stands at the machine over who is far away. Who lost is kept, so that it can be shown.
 *
 * A revision counts changes of the settled value, not messages: the dashboard says the same again on every poll, and a file
 * may be read any number of times. "One restart per desired state" and "stays rolled back" both hang on it.
 */
import type { Feature } from './observed.js';

export const SOURCES = ['file', 'ui', 'dashboard'] as const;

export type Source = (typeof SOURCES)[number];

export interface Values {
  readonly observe: 'on' | 'off';
  readonly inject: 'on' | 'off';
  readonly lifecycle: 'running' | 'stopped';
}

export type Value = Values[Feature];

export interface Wish {
  readonly workload: string;
  readonly feature: Feature;
  readonly value: Value;
  readonly source: Source;
  /** Where it stands: `fleet.yml:3`. */
  readonly where?: string;
}

export interface Desire {
  readonly value: Value;
  readonly source: Source;
  readonly where?: string;
  readonly revision: number;
  /** When the value became this one, ms. */
  readonly since: number;
  /** Sources that ask for something else and lost. */
  readonly overruled: readonly Source[];
  /** Nobody asks any more; kept for its revision, which never counts back. */
  readonly withdrawn?: true;
}

/** Something a person asks for once; never reconciled. */
export interface Request {
  readonly id: string;
  readonly workload: string;
  readonly action: 'restart';
  readonly at: number;
}

/** Kept on disk by the agent: a restart of it changes no revision. */
export interface Desired {
  readonly wishes: readonly Wish[];
  readonly settled: Readonly<Record<string, Desire>>;
  readonly requests: readonly Request[];
}

export const NOTHING_DESIRED: Desired = { wishes: [], settled: {}, requests: [] };

const same = (a: Wish, b: Pick<Wish, 'workload' | 'feature' | 'source'>): boolean =>
  a.workload === b.workload && a.feature === b.feature && a.source === b.source;

const slot = (workload: string, feature: Feature): string => `${feature} ${workload}`;

export function desireOf(desired: Desired, workload: string, feature: Feature): Desire | undefined {
  const settled = desired.settled[slot(workload, feature)];
  return settled?.withdrawn ? undefined : settled;
}

/** Workloads that anybody ever asked something for. */
export function desiredWorkloads(desired: Desired): string[] {
  const settled = Object.keys(desired.settled).map(name => name.slice(name.indexOf(' ') + 1));
  return [...new Set([...settled, ...desired.requests.map(({ workload }) => workload)])].sort();
}

/** One wish more, or the same one again: then nothing changes. */
export function wish(desired: Desired, asked: Wish, now: number): Desired {
  const others = desired.wishes.filter(other => !same(other, asked));
  return settle({ ...desired, wishes: [...others, asked] }, asked.workload, asked.feature, now);
}

/**
 * A source does not ask any more: what nobody asks for is off, and what ran keeps running. Only for a source that was read
 * well: a folder that is not mounted, or a dashboard that does not answer, withdraws nothing.
 */
export function withdraw(
  desired: Desired,
  { workload, feature, source }: Pick<Wish, 'workload' | 'feature' | 'source'>,
  now: number,
): Desired {
  const others = desired.wishes.filter(other => !same(other, { workload, feature, source }));
  if (others.length === desired.wishes.length) return desired;
  const rest = { ...desired, wishes: others };
  if (others.some(other => other.workload === workload && other.feature === feature))
    return settle(rest, workload, feature, now);
  const name = slot(workload, feature);
  const last = desired.settled[name];
  if (!last) return rest;
  const settled: Desire =
    feature === 'lifecycle'
      ? { ...last, overruled: [], withdrawn: true }
      : next(last, { value: 'off', source, overruled: [] }, now);
  return { ...rest, settled: { ...rest.settled, [name]: settled } };
}

/** All wishes of one source at once: what it no longer names is withdrawn. */
export function replaceSource(desired: Desired, source: Source, wishes: readonly Wish[], now: number): Desired {
  const gone = desired.wishes.filter(old => old.source === source && !wishes.some(kept => same(old, kept)));
  const asked = wishes.filter(entry => entry.source === source);
  return gone.reduce(
    (state, old) => withdraw(state, old, now),
    asked.reduce((state, entry) => wish(state, entry, now), desired),
  );
}

/** A request with an id that is known already is the same one. */
export function request(desired: Desired, asked: Request): Desired {
  if (desired.requests.some(({ id }) => id === asked.id)) return desired;
  return { ...desired, requests: [...desired.requests, asked] };
}

function settle(desired: Desired, workload: string, feature: Feature, now: number): Desired {
  const mine = desired.wishes.filter(entry => entry.workload === workload && entry.feature === feature);
  const winner = SOURCES.flatMap(source => mine.filter(entry => entry.source === source))[0];
  if (!winner) return desired;
  const overruled = mine.filter(({ value }) => value !== winner.value).map(({ source }) => source);
  const { value, source, where } = winner;
  const name = slot(workload, feature);
  const settled = next(desired.settled[name], { value, source, overruled, ...(where !== undefined && { where }) }, now);
  return { ...desired, settled: { ...desired.settled, [name]: settled } };
}

function next(last: Desire | undefined, settled: Omit<Desire, 'revision' | 'since'>, now: number): Desire {
  if (last?.value === settled.value && !last.withdrawn)
    return { ...settled, revision: last.revision, since: last.since };
  return { ...settled, revision: (last?.revision ?? 0) + 1, since: now };
}
