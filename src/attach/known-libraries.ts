/** TLS libraries that any process of a session may load next: those that others had, and those beside its C library. */

import type { FilePlan, Planner } from './sources/plan.js';

const MOST = 16;

export interface KnownLibraries {
  add(file: FilePlan): void;
  has(key: string): boolean;
  /** Those that were probed last, whoever had them. */
  readonly seen: readonly FilePlan[];
  /** Those, and what lies beside the libraries of this process. */
  expectedBy(pid: number): readonly FilePlan[];
}

export function knowLibraries(planner: Planner): KnownLibraries {
  const files = new Map<string, FilePlan>();
  const besides = (pid: number): FilePlan[] => {
    try {
      return planner.beside(pid);
    } catch {
      return []; // what a look found out is said there
    }
  };
  return {
    add: file => {
      files.delete(file.key);
      files.set(file.key, file);
      if (files.size > MOST) files.delete(files.keys().next().value!);
    },
    has: key => files.has(key),
    get seen() {
      return [...files.values()];
    },
    expectedBy: pid => [...files.values(), ...besides(pid)],
  };
}
