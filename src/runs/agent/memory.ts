/** What the agent knows over a restart of itself, beside its history: what is asked for, whom it has seen, its own name. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type Desired, NOTHING_DESIRED } from '../../agent/desired.js';
import { Problem } from '../../errors.js';
import { readIfThere, replaceFile } from './durable.js';
import { makeFolder, unusable } from './folders.js';

/** What is reported of a workload while it is not seen: a stopped one would else be forgotten by the dashboard. */
export interface KnownWorkload {
  readonly name: string;
  /** As on its spans. */
  readonly serviceName: string;
  /** ms */
  readonly firstSeen: number;
  readonly runtime?: string;
  readonly providers: readonly string[];
}

export interface Memory {
  readonly folder: string;
  /** The same after every restart; the dashboard tells agents apart by it. */
  readonly instance: string;
  readonly desired: Desired;
  readonly known: ReadonlyMap<string, KnownWorkload>;
  /** On disk when this returns: a revision that was acted on never counts back. @throws NodeJS.ErrnoException */
  setDesired(desired: Desired): void;
  /** @throws NodeJS.ErrnoException */
  setKnown(known: ReadonlyMap<string, KnownWorkload>): void;
}

/** @throws Problem where the folder cannot be used, or what lies in it cannot be understood */
export function openMemory(folder: string): Memory {
  makeFolder(folder, 'state-dir');
  const file = (name: string) => path.join(folder, name);
  const read = <T>(name: string, otherwise: T): T => {
    try {
      const text = readIfThere(file(name));
      return text === undefined ? otherwise : (JSON.parse(text) as T);
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new Problem({
          code: 'AGENT_STATE',
          message: `${file(name)} cannot be read`,
          reason: 'it is no JSON',
          fixes: [`mv ${file(name)} ${file(name)}.broken`],
        });
      throw unusable(folder, 'state-dir', error);
    }
  };
  let desired = read<Desired>('desired.json', NOTHING_DESIRED);
  let known = new Map(Object.entries(read<Record<string, KnownWorkload>>('workloads.json', {})));
  let knownText = JSON.stringify(Object.fromEntries(known));
  let instance = read<string>('instance.json', '');
  if (instance === '') {
    instance = randomUUID();
    try {
      replaceFile(file('instance.json'), JSON.stringify(instance));
    } catch (error) {
      throw unusable(folder, 'state-dir', error);
    }
  }
  return {
    folder,
    instance,
    get desired() {
      return desired;
    },
    get known() {
      return known;
    },
    setDesired(next) {
      if (next === desired) return;
      if (JSON.stringify(next) !== JSON.stringify(desired)) replaceFile(file('desired.json'), JSON.stringify(next));
      desired = next;
    },
    setKnown(next) {
      const text = JSON.stringify(Object.fromEntries(next));
      if (text !== knownText) replaceFile(file('workloads.json'), text);
      knownText = text;
      known = new Map(next);
    },
  };
}
