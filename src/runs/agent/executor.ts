/**
 * Carries out what the core decided. A deed is written down and synced before it begins, and its end after it: a kill in
 * between leaves a beginning alone, and the next agent looks instead of doing it again.
 */
import type { Ended, Started } from '../../agent/history.js';
import type { Action } from '../../agent/reconcile.js';
import type { Journal } from './journal.js';

export type Result = Omit<Ended, 'kind' | 'at' | 'id'>;

/** Does deeds. What throws has failed, and nobody knows what it did: a look tells. */
export interface Hands {
  act(record: Started, snapshot: string | undefined): Promise<Result>;
  /** What became of a deed that was cut off; changes nothing. */
  look(record: Started): Promise<Result>;
}

export interface ExecutorEvents {
  began(record: Started): void;
  ended(record: Started, result: Result, milliseconds: number): void;
  /** The history cannot be written: nothing is done. */
  unwritten(error: Error): void;
}

export interface Executor {
  /** Ids of tries that are carried out, or looked at, now. */
  readonly running: ReadonlySet<string>;
  /** Begins all of them; does not wait for their ends. */
  carryOut(actions: readonly Action[]): void;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

export function createExecutor(journal: Journal, hands: Hands, events: ExecutorEvents, now = Date.now): Executor {
  const running = new Map<string, Promise<void>>();
  /** Ends that could not be written yet: in memory they are known, on disk a look will find them. */
  const unwritten: Ended[] = [];

  const write = (ended: Ended): void => {
    unwritten.push(ended);
    try {
      while (unwritten.length > 0) {
        journal.append(unwritten[0]!);
        unwritten.shift();
      }
    } catch (error) {
      events.unwritten(error as Error);
    }
  };
  const run = (record: Started, work: () => Promise<Result>): void => {
    const began = performance.now();
    const done = work()
      .catch((error: Error): Result => ({ outcome: 'unclear', reason: error.message }))
      .then(result => {
        running.delete(record.id);
        write({ kind: 'ended', at: now(), id: record.id, ...result });
        events.ended(record, result, performance.now() - began);
      });
    running.set(record.id, done);
  };

  return {
    get running() {
      return new Set([...running.keys(), ...unwritten.map(({ id }) => id)]);
    },
    carryOut(actions) {
      const last = unwritten.shift();
      if (last) write(last);
      if (unwritten.length > 0) return; // nothing can be written down
      for (const action of actions) {
        if (action.kind === 'look') {
          run(action.at, () => hands.look(action.at));
          continue;
        }
        const { record, snapshot } = action;
        try {
          journal.append(record);
        } catch (error) {
          events.unwritten(error as Error);
          return;
        }
        events.began(record);
        run(record, () => hands.act(record, snapshot));
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
