/**
 * The kernel's ring buffer in our memory, read without a copy. A pool thread sleeps in epoll until the kernel has
 * something; then the ring is emptied on the main thread and looked at again every few milliseconds until it stays empty.
 * While we look, the kernel has no reason to wake anybody, so a busy target pays for about one wake-up per look; and a
 * look at an empty ring costs us a tenth of a sleep in epoll, so it is tried a few times before the next sleep.
 *
 * Layout: Documentation/bpf/ringbuf.rst and kernel/bpf/ringbuf.c: a page with our position, a page with the producer's,
 * then the data. The kernel would map the data twice in a row, so that no record is cut at the end; we map it once and copy
 * the one record in a round that is cut, because each mapping counts as memory of ours.
 */

import { type KernelRecord, readRecord } from '../../wire/transport/record.js';
import { bindLibc, viewMemory } from './native.js';

export interface RingEvents {
  record(record: KernelRecord): void;
  /** A record made no sense. */
  malformed(): void;
  /** At each look: the share of the ring that waits to be read, 0 to 1. */
  backlog(share: number): void;
}

export interface RecordSource {
  /** Reads all that is there now, on the caller's thread. Returns the number of records. */
  drain(): number;
  /** Delivers records until `close`. `failed` is called once if the ring cannot be read any more. */
  start(failed: (error: Error) => void): void;
  close(): Promise<void>;
}

const BUSY = 1 << 31;
const DISCARDED = 1 << 30;
const LENGTH = 0x3fffffff;
const HEADER = 8;
const PAGE = 4096;
/** Between two looks: more means fewer wake-ups of the target and of us, less means lower latency. */
const LOOK_AGAIN_MS = 24;
/** Looks at an empty ring before we sleep. */
const EMPTY_LOOKS = 8;
/** While more than this share waits, the ring is looked at again without a pause: a burst may fill it soon. */
const MUCH = 1 / 8;
/** Records between two times that the kernel is given its room back, which costs it a cache line. */
const GIVE_BACK = 32;
/** How long the main thread stays in the ring before timers and sockets get their turn. */
const SLICE_MS = 20;
const SLEEP_MS = 1000;
const EPOLLIN = 1;
const EPOLL_CTL_ADD = 1;

/**
 * Maps the ring of `size` data bytes behind `fd`; records of births and ends wake us through the one behind `urgentFd`.
 * Throws a `KernelError`.
 */
export function openRing(fd: number, size: number, urgentFd: number, events: RingEvents): RecordSource {
  const libc = bindLibc();
  const urgent = openWaker(urgentFd);
  const page = pageSize();
  const consumerAddress = libc.map(page, fd, 0, true);
  const producerLength = page + size;
  let producerAddress: bigint;
  try {
    producerAddress = libc.map(producerLength, fd, page, false);
  } catch (error) {
    libc.unmap(consumerAddress, page);
    urgent.close();
    throw error;
  }
  const consumerMemory = viewMemory(consumerAddress, page);
  const producerMemory = viewMemory(producerAddress, producerLength);
  // Atomics: what is read after a position, or after a record's length, must not be older than it.
  const consumerPosition = new BigUint64Array(consumerMemory.buffer, consumerMemory.byteOffset, 1);
  const producerPosition = new BigUint64Array(producerMemory.buffer, producerMemory.byteOffset, 1);
  const lengths = new Int32Array(producerMemory.buffer, producerMemory.byteOffset + page, size / 4);
  const data = producerMemory.subarray(page);
  const view = new DataView(data.buffer, data.byteOffset, size);
  /** The record whose length word is at `at`; that word itself is never cut, since all positions are multiples of 8. */
  const read = (at: number, length: number) => {
    const start = (at + HEADER) % size;
    if (start + length <= size) return readRecord(view, start, length);
    const whole = Buffer.concat([data.subarray(start), data.subarray(0, start + length - size)]);
    return readRecord(new DataView(whole.buffer, whole.byteOffset, length), 0, length);
  };

  const stopEvent = libc.eventfd(0, 0x80800);
  const sleeping = openEpoll([fd, urgentFd, stopEvent]);
  const between = openEpoll([urgentFd, stopEvent]);

  let closed = false;
  let position = Number(Atomics.load(consumerPosition, 0));
  const publish = () => Atomics.store(consumerPosition, 0, BigInt(position));
  const drainFor = (milliseconds: number): number => {
    const until = performance.now() + milliseconds;
    let records = 0;
    while (!closed) {
      const end = Number(Atomics.load(producerPosition, 0));
      if (position >= end) break;
      while (position < end) {
        const at = position % size;
        const length = Atomics.load(lengths, at / 4);
        if (length & BUSY) {
          publish();
          return records; // reserved by a program that has not filled it yet
        }
        if (!(length & DISCARDED)) {
          const record = read(at, length & LENGTH);
          if (record) events.record(record);
          else events.malformed();
          records++;
        }
        position += HEADER + (((length & LENGTH) + 7) & ~7);
        // Room is free again soon after its record was read: a burst must not wait for the whole batch.
        if (records % GIVE_BACK === 0) {
          publish();
          if (performance.now() > until) return records;
        }
      }
      publish();
    }
    return records;
  };

  let running: Promise<void> = Promise.resolve();
  const run = async () => {
    const ended = Buffer.alloc(16);
    const backlog = () => (Number(Atomics.load(producerPosition, 0)) - position) / size;
    while (!closed) {
      const ready = await libc.epollWait(sleeping, ended, SLEEP_MS);
      for (let empty = ready > 0 ? 0 : EMPTY_LOOKS - 1; !closed && empty < EMPTY_LOOKS; ) {
        urgent.clear(); // before the look, so that what comes after it wakes again
        events.backlog(backlog());
        empty = drainFor(SLICE_MS) > 0 ? 0 : empty + 1;
        if (backlog() > MUCH) await new Promise<void>(resolve => setImmediate(resolve));
        else await libc.epollWait(between, ended, LOOK_AGAIN_MS);
      }
    }
  };
  return {
    drain: () => drainFor(Number.POSITIVE_INFINITY),
    start: failed => {
      running = run().catch(error => failed(error as Error));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      const one = Buffer.alloc(8);
      one.writeBigUInt64LE(1n);
      libc.write(stopEvent, one, 8n);
      await running; // the pool thread must be out of epoll before its descriptors go
      for (const open of [sleeping, between, stopEvent]) libc.close(open);
      urgent.close();
      libc.unmap(consumerAddress, page);
      libc.unmap(producerAddress, producerLength);
    },
  };
}

function openEpoll(descriptors: readonly number[]): number {
  const libc = bindLibc();
  const epoll = libc.epollCreate(0x80000);
  for (const watched of descriptors) {
    const event = Buffer.alloc(16);
    event.writeUInt32LE(EPOLLIN, 0);
    libc.epollControl(epoll, EPOLL_CTL_ADD, watched, event);
  }
  return epoll;
}

/** The positions of a ring of which only the waking matters. */
function openWaker(fd: number): { clear(): void; close(): void } {
  const libc = bindLibc();
  const page = pageSize();
  const consumerAddress = libc.map(page, fd, 0, true);
  let producerAddress: bigint;
  try {
    producerAddress = libc.map(page, fd, page, false);
  } catch (error) {
    libc.unmap(consumerAddress, page);
    throw error;
  }
  const positionAt = (address: bigint) => {
    const memory = viewMemory(address, page);
    return new BigUint64Array(memory.buffer, memory.byteOffset, 1);
  };
  const consumed = positionAt(consumerAddress);
  const produced = positionAt(producerAddress);
  return {
    clear: () => {
      Atomics.store(consumed, 0, Atomics.load(produced, 0));
    },
    close: () => {
      libc.unmap(consumerAddress, page);
      libc.unmap(producerAddress, page);
    },
  };
}

/** The kernel maps the positions by its page size, which is 16 or 64 KiB on some arm64 machines. */
function pageSize(): number {
  if (process.arch !== 'arm64') return PAGE;
  return bindLibc().pageSize();
}
