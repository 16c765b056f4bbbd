/** Counts what an observation did, for its account of itself: a few additions for each record. */

import type { ProcessIdentity } from '../machine/identity.js';
import type { KernelRecord } from '../wire/transport/record.js';
import type { FilePlan } from './sources/plan.js';

/** One file with probes, as processes of one name have it. */
export interface AttachedFile {
  readonly process: string;
  /** The first of them: a server may fork thousands. */
  readonly pids: readonly number[];
  /** How many there were. */
  readonly processes: number;
  readonly library: string;
  readonly file: string;
  /** Where the probes sit: name of the function, offset in the file in bytes. */
  readonly probes: readonly { readonly name: string; readonly offset: number }[];
}

export interface Tally {
  attached(process: ProcessIdentity, files: readonly FilePlan[]): void;
  record(record: KernelRecord): void;
  exchange(): void;
  readonly files: readonly AttachedFile[];
  readonly records: number;
  /** Plaintext, both directions. */
  readonly bytes: number;
  readonly exchanges: number;
}

const MOST_PIDS = 3;

export function createTally(): Tally {
  const files = new Map<string, AttachedFile & { pids: number[]; processes: number }>();
  let records = 0;
  let bytes = 0;
  let exchanges = 0;
  return {
    attached({ name, pid }, plans) {
      for (const { file, key: fileKey, library, placement } of plans) {
        const key = `${name} ${fileKey}`;
        const known = files.get(key);
        if (known?.pids.includes(pid)) continue; // it became the same program again
        if (known) {
          known.processes++;
          if (known.pids.length < MOST_PIDS) known.pids.push(pid);
          continue;
        }
        const probes = placement.places.map(place => ({ name: place.name, offset: place.fileOffset }));
        files.set(key, { process: name, pids: [pid], processes: 1, library, file, probes });
      }
    },
    record({ kind, payload }) {
      records++;
      if (kind === 'data') bytes += payload.byteLength;
    },
    exchange() {
      exchanges++;
    },
    get files() {
      return [...files.values()];
    },
    get records() {
      return records;
    },
    get bytes() {
      return bytes;
    },
    get exchanges() {
      return exchanges;
    },
  };
}
