// Holds a client back while the launch has not kept what it was asked before. No program calls models a hundred times a second; one
// that does meets the bound on what may wait in it, and what is beyond is dropped and counted, which is not what is compared here.
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Calls that may be under way. */
const SLACK = 20;
/** Milliseconds until those that are missing are taken for lost, and nobody waits for them again. */
const PATIENCE = 5_000;

/**
 * @param folder of the runs that the launch keeps; it may not be there yet
 * @returns to be awaited before each answer to a call
 */
export function createPace(folder) {
  const buffer = Buffer.alloc(1 << 20);
  let asked = 0;
  let kept = 0;
  let position = 0;
  let lost = 0;

  /** Counts the lines that were written since the last look. */
  function look() {
    const [name] = existsSync(folder) ? readdirSync(folder) : [];
    if (name === undefined) return;
    const file = openSync(path.join(folder, name));
    let count = readSync(file, buffer, 0, buffer.length, position);
    while (count > 0) {
      position += count;
      for (let at = buffer.indexOf(10); at >= 0 && at < count; at = buffer.indexOf(10, at + 1)) kept += 1;
      count = readSync(file, buffer, 0, buffer.length, position);
    }
    closeSync(file);
  }

  return async () => {
    asked += 1;
    const until = Date.now() + PATIENCE;
    while (asked - kept - lost > SLACK) {
      look();
      if (asked - kept - lost <= SLACK) return;
      if (Date.now() > until) lost = asked - kept;
      await delay(5);
    }
  };
}
