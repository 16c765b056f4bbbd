/**
 * The calls of runs, kept for later commands: one NDJSON file a run, `runs/<start>-<pid>.ndjson` in the cache. The first line
 * tells of the run, each further one is a call in the form of `attach --format json`, or a step of a trace. Why no database:
 * docs/decisions/0020-call-store.md.
 */
import { appendFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../config/make-folders.js';
import { fileName, type RunFacts, type StoredLine } from './kept-lines.js';
import { applyRetention, DEFAULT_RETENTION, partAge, partSize, type Retention } from './retention.js';
import { runsFolder } from './runs-folder.js';

export type { RunFacts, StoredCall, StoredLine, StoredSpan } from './kept-lines.js';

export interface CallStore {
  add(line: StoredLine): void;
  /** Writes what has gathered. */
  flush(): void;
}

export interface CallStoreOptions {
  readonly retention?: Retention;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds that lines gather before they are written; 0: each is written at once. */
  readonly gather?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Characters that gather at most. */
const MOST_WAITING = 1024 * 1024;

/** Bytes of our own after which the folder is looked at again: other runs grow too. */
const LOOK_AFTER_SHARE = 16;

/**
 * Opens a store for one run. The file is made by its first call, so that runs without calls leave nothing.
 * @param onProblem told once when the folder or file cannot be written; the run goes on without
 */
export function openCallStore(
  run: RunFacts,
  onProblem: (reason: string) => void,
  { retention = DEFAULT_RETENTION, env = process.env, gather = 0, now = Date.now }: CallStoreOptions = {},
): CallStore {
  const folder = runsFolder(env);
  const head = `${JSON.stringify({ version: 1, run })}\n`;
  let part = 0;
  let file = path.join(folder, fileName(run, part));
  let begun = now();
  /** Since the folder was looked at. */
  let written = Number.POSITIVE_INFINITY;
  let broken = false;
  let waiting = '';
  let due: NodeJS.Timeout | undefined;

  function write(text: string): void {
    // Asked each time: the file may have been removed, by its owner or by another run, and what is written to it then is lost.
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined) makeFolders(folder, 0o700);
    else if (size >= partSize(retention) || now() - begun >= partAge(retention)) {
      part++;
      begun = now();
      file = path.join(folder, fileName(run, part));
      return write(text);
    }
    // One write a call: a run that is killed loses none that was seen, and a reader at most finds a cut last line.
    appendFileSync(file, size === undefined ? head + text : text, { mode: 0o600 });
    written += text.length;
    if (size !== undefined && written < retention.size / LOOK_AFTER_SHARE) return;
    written = 0;
    applyRetention(folder, path.basename(file), retention, now());
  }

  function flush(): void {
    clearTimeout(due);
    due = undefined;
    if (waiting === '' || broken) return;
    try {
      write(waiting);
    } catch (error) {
      broken = true;
      onProblem(`calls are not kept: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message} at ${file}`);
    }
    waiting = '';
  }

  return {
    add(line) {
      if (broken) return;
      waiting += `${JSON.stringify(line)}\n`;
      if (gather === 0 || waiting.length > MOST_WAITING) flush();
      else due ??= setTimeout(flush, gather).unref();
    },
    flush,
  };
}
