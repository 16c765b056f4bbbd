/** A reader that goes on: what running programs add is read as it comes. */
import { type FSWatcher, watch } from 'node:fs';
import type { Change, Reader } from './reader.js';

/** Milliseconds between two looks without a word of the system: some file systems send none. */
const LOOK = 1000;
/** Milliseconds that changes gather. */
const GATHER = 50;

/**
 * Reads now, and again whenever the folder changes. `onChange` gets only changes.
 * @param onError told of each look that failed; the next one is made all the same
 * @returns ends it; no change is told after that
 */
export function follow(
  reader: Reader,
  onChange: (change: Change) => void,
  onError: (error: Error) => void = () => {},
): () => void {
  let watcher: FSWatcher | undefined;
  let due: NodeJS.Timeout | undefined;
  let busy = false;
  let stopped = false;

  /** The folder is made by the first call of all: until then there is nothing to watch. */
  function watchFolder(): void {
    if (watcher !== undefined) return;
    try {
      watcher = watch(reader.folder, () => lookIn(GATHER));
      watcher.on('error', () => {
        watcher?.close();
        watcher = undefined;
      });
    } catch {
      watcher = undefined; // the timer looks
    }
  }

  function lookIn(milliseconds: number): void {
    if (stopped || busy) return;
    if (milliseconds < LOOK) clearTimeout(due);
    else if (due !== undefined) return;
    due = setTimeout(look, milliseconds);
  }

  function tell(change: Change): void {
    if (!stopped && (change.to > change.from || change.runs.length > 0)) onChange(change);
  }

  async function look(): Promise<void> {
    due = undefined;
    busy = true;
    watchFolder();
    try {
      const told = new Set<number>();
      const { to, runs } = await reader.read(change => {
        for (const run of change.runs) told.add(run);
        tell(change);
      });
      // Runs that are gone added nothing, and were not told.
      tell({ from: to, to, runs: runs.filter(run => !told.has(run)) });
    } catch (error) {
      onError(error as Error);
    }
    busy = false;
    lookIn(LOOK);
  }

  void look();
  return () => {
    stopped = true;
    clearTimeout(due);
    watcher?.close();
  };
}
