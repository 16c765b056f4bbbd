/**
 * The calls of local runs, kept for later commands: one NDJSON file a run, `runs/<start>-<pid>.ndjson` in the cache. The
 * first line tells of the run, each further one is a call in the form of `attach --format json`. Why no database:
 * docs/decisions/0020-call-store.md.
 */
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../config/cache-folder.js';
import { makeFolders } from '../config/make-folders.js';

export interface RunFacts {
  /** Name of the program without its arguments: those may hold secrets. */
  readonly program: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly started: string;
}

/** One kept call; the stable form of a call (`id, pid, attributes, start, first_chunk, end, partial, cost`). */
export interface StoredCall {
  readonly id: string;
  readonly pid?: number;
  readonly attributes: Readonly<Record<string, unknown>> | null;
  /** Unix nanoseconds as strings. */
  readonly start?: string;
  readonly first_chunk?: string;
  readonly end?: string;
  readonly partial: readonly string[];
  readonly cost?: { readonly amount: number; readonly currency: string };
  readonly trace_id: string;
  readonly parent_id?: string;
  /** Id of an earlier line: the same call, seen at another place. */
  readonly same_as?: string;
}

/** Runs that are kept; older ones are removed when a new one begins. */
const MOST_RUNS = 200;

export interface CallStore {
  add(call: StoredCall): void;
}

/**
 * Opens a store for one run. The file is made by its first call, so that runs without calls leave nothing.
 * @param onProblem told once when the folder or file cannot be written; the run goes on without
 */
export function openCallStore(run: RunFacts, onProblem: (reason: string) => void, env = process.env): CallStore {
  const folder = path.join(cacheFolder(env), 'runs');
  const file = path.join(folder, `${run.started.replaceAll(':', '')}-${run.pid}.ndjson`);
  let state: 'new' | 'open' | 'broken' = 'new';
  return {
    add(call) {
      if (state === 'broken') return;
      try {
        let text = '';
        if (state === 'new') {
          makeFolders(folder, 0o700);
          removeOldRuns(folder);
          text = `${JSON.stringify({ version: 1, run })}\n`;
          state = 'open';
        }
        // One write a call: a run that is killed loses none that was seen, and a reader at most finds a cut last line.
        appendFileSync(file, `${text}${JSON.stringify(call)}\n`, { mode: 0o600 });
      } catch (error) {
        state = 'broken';
        onProblem(
          `calls are not kept: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message} at ${file}`,
        );
      }
    },
  };
}

function runFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => name.endsWith('.ndjson'))
    .sort();
}

function removeOldRuns(folder: string): void {
  const files = runFiles(folder);
  for (const name of files.slice(0, Math.max(0, files.length - MOST_RUNS + 1))) {
    rmSync(path.join(folder, name), { force: true });
  }
}
