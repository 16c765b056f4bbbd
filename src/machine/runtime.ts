/** The language runtime of a process and its version, from names and files alone: nothing is started. */

import { runtimeInside } from './executable.js';
import { executableName, type ProcessFacts } from './facts.js';
import { procFile } from './proc.js';
import { versionOf } from './runtime-versions.js';
import { RUNTIMES, type RuntimeName, runtimeOfCommand } from './runtimes.js';

export interface Runtime {
  readonly name: RuntimeName;
  /** As exact as the evidence allows: `3.11.7`, or `3.11` when only the library's name tells. */
  readonly version?: string;
}

/** Undefined when no row fits: a native program, or a process whose files may not be read. */
export function detectRuntime(process: ProcessFacts): Runtime | undefined {
  const row =
    runtimeOfCommand(executableName(process)) ??
    RUNTIMES.find(({ library }) => process.mappedFiles?.some(file => library?.test(file) === true)) ??
    (process.executable === undefined ? undefined : runtimeInside(procFile(process.pid, 'exe')));
  if (!row) return undefined;
  const version = versionOf(row.name, process);
  return { name: row.name, ...(version !== undefined && { version }) };
}
