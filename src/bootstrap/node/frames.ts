/** Frames from a tap to the observer and back; the other end is `wire/transport/frames.ts`, docs/protocols.md has the table. */
import type { Payload } from './channel.js';

export const HEAD = 20;
/** Longer bytes are cut. */
export const MOST = 256 * 1024;

export const KIND = {
  hello: 1,
  open: 2,
  request: 3,
  bytes: 4,
  head: 6,
  end: 7,
  close: 9,
  lost: 11,
  bye: 12,
  say: 32,
  done: 33,
} as const;
export const FLAG = { received: 1, aborted: 4, waits: 8, left: 32 } as const;

const HALF = 2 ** 32;

export interface FrameFacts {
  readonly kind: number;
  readonly flags: number;
  readonly channel: number;
  /** Unix milliseconds with fractions; 0: none. */
  readonly time: number;
}

/** @returns where the frame ends; there must be room for `HEAD` and the payload's length */
export function writeFrame(
  into: Buffer,
  at: number,
  facts: FrameFacts,
  payload: Payload,
  length: number,
  encoding: BufferEncoding | undefined,
): number {
  // The length that is known before is an upper bound for base64.
  const size =
    typeof payload === 'string' ? into.write(payload, at + HEAD, length, encoding) : copy(payload, into, at + HEAD);
  into.writeUInt32LE(size, at);
  into.writeUInt8(facts.kind, at + 4);
  into.writeUInt8(facts.flags, at + 5);
  into.writeUInt16LE(0, at + 6);
  into.writeUInt32LE(facts.channel, at + 8);
  // Microseconds fit a double, nanoseconds do not: the halves are multiplied one by one.
  const micros = Math.round(facts.time * 1_000);
  const low = (micros % HALF) * 1_000;
  into.writeUInt32LE(low % HALF, at + 12);
  into.writeUInt32LE(Math.floor(micros / HALF) * 1_000 + Math.floor(low / HALF), at + 16);
  return at + HEAD + size;
}

function copy(from: Uint8Array, into: Buffer, at: number): number {
  into.set(from, at);
  return from.length;
}

export interface Answer {
  readonly kind: number;
  readonly text: string;
}

/** Reads what the observer says, in whatever pieces it comes. */
export function createAnswers(): (bytes: Uint8Array) => Answer[] {
  let rest: Buffer = Buffer.alloc(0);
  return bytes => {
    const answers: Answer[] = [];
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= HEAD) {
      const size = rest.readUInt32LE(0);
      // Not ours: nothing of it can be read.
      if (size > MOST) throw new Error('the observer speaks another protocol');
      if (rest.length < HEAD + size) break;
      answers.push({ kind: rest[4]!, text: rest.toString('utf8', HEAD, HEAD + size) });
      rest = rest.subarray(HEAD + size);
    }
    return answers;
  };
}
