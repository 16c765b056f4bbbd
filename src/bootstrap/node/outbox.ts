/**
 * Frames on their way to the observer. One source call makes a few frames and one `write`. What the kernel does not take
 * waits here, within a bound; beyond it the exchange that would grow is dropped whole, and counted.
 */
import type { Channel, Payload } from './channel.js';
import { type FrameFacts, HEAD, writeFrame } from './frames.js';

/** Bytes that may wait for an observer that is slow: some thousand calls. */
export const LIMIT = 8 * 1024 * 1024;
/** Frames of one source call, unless it carries more. */
const ROOM = 16 * 1024;
/** Bytes that are handed over at once of what has waited. */
const PORTION = 64 * 1024;

/** `undefined`: of the process itself. */
type Owner = Channel | undefined;

interface Frame {
  readonly channel: Owner;
  readonly data: Buffer;
  /** How much of it the kernel has. */
  taken: number;
}

export interface Outbox {
  /** Bytes that wait. */
  readonly waiting: number;
  /** A frame; it leaves with the next `flush`. The payload's bytes are copied. */
  add(channel: Owner, facts: FrameFacts, payload: Payload, length: number, encoding?: BufferEncoding): void;
  /** A frame that is ready, behind all others. */
  append(channel: Owner, frame: Buffer): void;
  flush(): void;
  /** The observer is gone. Exchanges that it had begun to read are lost; the others wait for the next one, behind `first`. */
  restart(first?: Buffer): void;
  /** Nothing will be handed over any more. */
  clear(): void;
}

export interface OutboxOptions {
  /** Bytes that were taken; 0: no room now. Less than 0: nobody is there. */
  write(data: Buffer, from: number, to: number): number;
  /** The number of the observer's life that bytes are written to. */
  life(): number;
  /** This exchange was dropped, with so many bytes that had waited. @returns the frame that says so */
  onDropped(channel: Channel, bytes: number): Buffer;
}

export function createOutbox({ write, life, onDropped }: OutboxOptions): Outbox {
  let room = Buffer.alloc(0);
  let used = 0;
  let fresh: { channel: Owner; end: number }[] = [];
  let queue: Frame[] = [];
  let waiting = 0;

  const started = (channel: Owner) => {
    if (channel !== undefined) channel.life ??= life();
  };

  function makeRoom(size: number): void {
    if (used + size <= room.length) return;
    flush();
    if (size > room.length) room = Buffer.allocUnsafeSlow(Math.max(ROOM, size));
  }

  function keep(channel: Owner, data: Buffer, taken: number): void {
    if (channel !== undefined) {
      if (channel.dropped || (channel.life !== undefined && channel.life !== life())) return;
      if (waiting + data.length > LIMIT) return drop(channel);
    }
    queue.push({ channel, data, taken });
    waiting += data.length - taken;
  }

  function drop(channel: Channel): void {
    channel.dropped = true;
    let bytes = 0;
    // What the kernel has the beginning of must be completed.
    queue = queue.filter(frame => {
      if (frame.channel !== channel || frame.taken > 0) return true;
      bytes += frame.data.length;
      return false;
    });
    waiting -= bytes;
    keep(undefined, onDropped(channel, bytes), 0);
  }

  /** What was made since the last time: all of it to the kernel, or the rest into the queue. */
  function flush(): void {
    if (queue.length > 0) pump();
    if (used === 0) return;
    const marks = fresh;
    const length = used;
    fresh = [];
    used = 0;
    const taken = queue.length > 0 ? 0 : Math.max(0, write(room, 0, length));
    let from = 0;
    for (const { channel, end } of marks) {
      if (end <= taken) started(channel);
      else keep(channel, Buffer.from(room.subarray(from, end)), Math.max(0, taken - from));
      from = end;
    }
  }

  function pump(): void {
    while (queue.length > 0) {
      const portion: Buffer[] = [];
      let size = 0;
      for (const { data, taken } of queue) {
        portion.push(taken > 0 ? data.subarray(taken) : data);
        size += data.length - taken;
        if (size >= PORTION) break;
      }
      const whole = portion.length === 1 ? portion[0]! : Buffer.concat(portion);
      const count = write(whole, 0, whole.length);
      if (count <= 0) return;
      waiting -= count;
      let rest = count;
      let done = 0;
      for (const frame of queue) {
        const left = frame.data.length - frame.taken;
        if (rest < left) {
          frame.taken += rest;
          break;
        }
        rest -= left;
        done += 1;
        started(frame.channel);
      }
      queue.splice(0, done);
      if (count < whole.length) return;
    }
  }

  function append(channel: Owner, frame: Buffer): void {
    makeRoom(frame.length);
    frame.copy(room, used);
    used += frame.length;
    fresh.push({ channel, end: used });
  }

  return {
    get waiting() {
      return waiting + used;
    },
    add(channel, facts, payload, length, encoding) {
      if (channel?.dropped) return;
      makeRoom(HEAD + length);
      const end = writeFrame(room, used, facts, payload, length, encoding);
      if (channel?.held !== undefined) {
        channel.held.push(Buffer.from(room.subarray(used, end)));
        return;
      }
      used = end;
      fresh.push({ channel, end });
    },
    append,
    flush,
    restart(first) {
      const kept = queue;
      queue = [];
      waiting = 0;
      if (first !== undefined) keep(undefined, first, 0);
      for (const { channel, data } of kept) {
        if (channel === undefined) continue;
        if (channel.life === undefined) keep(channel, data, 0);
        else channel.dropped = true;
      }
    },
    clear() {
      room = Buffer.alloc(0);
      used = 0;
      waiting = 0;
      fresh = [];
      queue = [];
    },
  };
}
