/** One look at the machine, and what is said of it: changes and errors once each, the status for other terminals. */
import path from 'node:path';
import { fileReason, Problem } from '../../errors.js';
import { createChanges } from './changes.js';
import type { Agent } from './compose.js';
import { replaceFile } from './durable.js';
import { type Tick, tick } from './loop.js';

export interface Looks {
  /** @throws Error where the machine, or the state, cannot be read */
  look(): Promise<Tick>;
  /** A full disk, or a machine without a free descriptor, is no reason to end: it is said, and tried again. */
  lookOn(): Promise<Tick | undefined>;
}

export function createLooks({ options, memory, figures, parts, now, status }: Agent): Looks {
  const { say, json } = options;
  const describe = (key: string): string => {
    const known = memory.known.get(key);
    const what = [known?.serviceName, known?.runtime, ...(known?.providers ?? [])].filter(Boolean).join(', ');
    return what === '' ? key : `${key} (${what})`;
  };
  const changes = createChanges(describe);
  const errorsTold = new Set<string>();
  let stateTold = false;
  let failure = '';

  function writeStatus(seen: Tick): void {
    try {
      replaceFile(path.join(options.runtime, 'status.json'), JSON.stringify(status(seen)));
      stateTold = false;
    } catch (error) {
      if (!stateTold) say(`the status cannot be written: ${fileReason(error)}`);
      stateTold = true;
    }
  }

  async function look(): Promise<Tick> {
    const began = performance.now();
    const seen = await tick(parts);
    now.latest = seen;
    figures.look((performance.now() - began) / 1000);
    for (const line of seen.fileErrors) if (!errorsTold.has(line)) say(line);
    errorsTold.clear();
    for (const line of seen.fileErrors) errorsTold.add(line);
    if (options.once) return seen;
    for (const change of changes(seen.states)) {
      say(change.text);
      json?.({ event: 'change', ...change, at: new Date(seen.at).toISOString() });
    }
    writeStatus(seen);
    return seen;
  }

  return {
    look,
    async lookOn() {
      try {
        const seen = await look();
        failure = '';
        return seen;
      } catch (error) {
        if (now.latest === undefined) throw error;
        const why = error instanceof Problem ? error.message : fileReason(error);
        if (why !== failure) say(`this look failed: ${why}; the next one is in ${options.interval / 1000} s`);
        failure = why;
        return undefined;
      }
    },
  };
}
