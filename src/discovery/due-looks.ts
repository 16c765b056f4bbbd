/**
 * Whom to look at again. What a process is (its program, its libraries, its connections) shows while it is young, so it is
 * looked at often at first and seldom afterwards: a look at every process of a machine reads hundreds of files.
 */
import { listPids } from '../machine/proc.js';

/** Every look, for the first ones; then one look in so many. */
const YOUNG_LOOKS = 8;
const OLD_EVERY = 15;

/**
 * A function that lists, at each call, the living processes that are due, without the `known` and without ourselves; those
 * of `always` are always due.
 */
export function createDueLooks(): (known: ReadonlySet<number>, always?: ReadonlySet<number>) => number[] {
  const looks = new Map<number, number>();
  return (known, always) => {
    const alive = listPids();
    const living = new Set(alive);
    for (const pid of looks.keys()) if (!living.has(pid)) looks.delete(pid);
    return alive.filter(pid => {
      const number = looks.get(pid) ?? 0;
      looks.set(pid, number + 1);
      const due = number < YOUNG_LOOKS || number % OLD_EVERY === 0 || always?.has(pid) === true;
      return due && pid !== process.pid && !known.has(pid);
    });
  };
}
