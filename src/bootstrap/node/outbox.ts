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
/** `undefined`: of the process itself. */
type Owner = Channel | undefined;

/** Where a frame ends in its block; it begins where the one before ends. */
interface Mark {
  readonly channel: Owner;
  readonly end: number;
}

/** What did not fit of one `flush`. */
interface Block {
  readonly data: Buffer;
  /** Frames that are not whole in the kernel. */
  readonly marks: Mark[];
  /** Where the first of them begins. */
  from: number;
  /** How much the kernel has. */
  taken: number;
}

export interface Outbox {
  /** Bytes that wait. */
  readonly waiting: number;
  /**
   * Something was dropped, and most of what waits still does: nothing new is begun. Else each call would be dropped for
   * itself, and that looks through all that waits.
   */
  readonly crowded: boolean;
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
  let fresh: Mark[] = [];
  let blocks: Block[] = [];
  let waiting = 0;
  let crowded = false;
  let greeting: Buffer | undefined;

  function makeRoom(size: number): void {
    if (used + size <= room.length) return;
    flush();
    if (size > room.length) room = Buffer.allocUnsafeSlow(Math.max(ROOM, size));
  }

  /** Whether somebody will still read what belongs to this channel. */
  const isWanted = (channel: Owner) =>
    channel === undefined || (!channel.dropped && (channel.life === undefined || channel.life === life()));

  function read(channel: Owner): void {
    if (channel !== undefined) channel.life ??= life();
  }

  /** The block's beginning is in the kernel: its whole frames are with the observer. */
  function advance(block: Block, count: number): void {
    block.taken += count;
    while (block.marks[0] !== undefined && block.marks[0].end <= block.taken) {
      const { channel, end } = block.marks.shift()!;
      block.from = end;
      read(channel);
    }
  }

  /** The same without some of the frames that are not yet begun. */
  function without(block: Block, unwanted: (channel: Owner) => boolean): Block | undefined {
    const kept: Buffer[] = [];
    const marks: Mark[] = [];
    let { from } = block;
    let size = 0;
    for (const { channel, end } of block.marks) {
      if (from < block.taken || !unwanted(channel)) {
        kept.push(block.data.subarray(from, end));
        size += end - from;
        marks.push({ channel, end: size });
      }
      from = end;
    }
    const taken = Math.max(0, block.taken - block.from);
    return size === 0 ? undefined : { data: Buffer.concat(kept, size), marks, from: 0, taken };
  }

  function filter(unwanted: (channel: Owner) => boolean): void {
    const rest = (block: Block) =>
      block.marks.some(mark => unwanted(mark.channel)) ? without(block, unwanted) : block;
    blocks = blocks.map(rest).filter(block => block !== undefined);
    waiting = blocks.reduce((sum, { data, taken }) => sum + data.length - taken, 0);
  }

  /** Keeps what the kernel did not take, as far as it fits. */
  function keep(block: Block): void {
    const tooMuch = new Set<Channel>();
    let size = waiting;
    let { from } = block;
    for (const { channel, end } of block.marks) {
      if (channel !== undefined && size + end - from > LIMIT) tooMuch.add(channel);
      else size += end - from;
      from = end;
    }
    const whole = block.marks.every(({ channel }) => isWanted(channel));
    const kept = whole ? block : without(block, channel => !isWanted(channel));
    if (kept !== undefined) {
      blocks.push(kept);
      waiting += kept.data.length - kept.taken;
    }
    for (const channel of tooMuch) drop(channel);
  }

  function drop(channel: Channel): void {
    if (channel.dropped) return;
    channel.dropped = true;
    crowded = true;
    const before = waiting;
    filter(owner => owner === channel);
    add(onDropped(channel, before - waiting));
  }

  /** Of the process itself. */
  function add(frame: Buffer): void {
    blocks.push({ data: frame, marks: [{ channel: undefined, end: frame.length }], from: 0, taken: 0 });
    waiting += frame.length;
  }

  /** What has waited. @returns whether nothing does any more */
  function pump(): boolean {
    for (;;) {
      const block = blocks[0];
      if (block === undefined) return true;
      const count = write(block.data, block.taken, block.data.length);
      if (count <= 0) return false;
      waiting -= count;
      advance(block, count);
      if (block.taken < block.data.length) return false;
      blocks.shift();
    }
  }

  /** What was made since the last time: all of it to the kernel, or the rest waits. */
  function flush(): void {
    const free = pump();
    if (used === 0) return;
    const marks = fresh;
    const length = used;
    used = 0;
    const count = free ? write(room, 0, length) : 0;
    fresh = [];
    if (count === length) {
      for (const { channel } of marks) read(channel);
      return;
    }
    const block = { data: Buffer.from(room.subarray(0, length)), marks, from: 0, taken: 0 };
    if (count > 0) advance(block, count);
    keep(block);
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
    get crowded() {
      crowded &&= waiting > LIMIT / 2;
      return crowded;
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
      // Whoever comes now is greeted once, however often nobody came.
      const kept = blocks.filter(({ data }) => data !== greeting);
      greeting = first;
      blocks = [];
      waiting = 0;
      if (first !== undefined) add(first);
      for (const block of kept) {
        // A frame that was cut off in the middle goes to the next observer from its beginning.
        const again = without({ ...block, taken: 0 }, channel => channel?.life !== undefined);
        if (again !== undefined) keep(again);
      }
    },
    clear() {
      room = Buffer.alloc(0);
      used = 0;
      waiting = 0;
      fresh = [];
      blocks = [];
    },
  };
}
