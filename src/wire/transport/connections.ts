/**
 * Records to connections: each TLS connection of each process gets a decoder of its own, fed in order, with what was lost
 * as gaps. Identity is (pid, SSL object, epoch), since programs reuse addresses; an end of the process ends all of its
 * connections. Sans-I/O: the same from the ring and from a recording.
 */
import type {
  ConnectionDecoder,
  ConnectionFacts,
  Flow,
  OpenExchange,
  PartialReason,
  Role,
  UnixNanos,
  WireLimits,
} from '../exchange.js';
import { createConnectionDecoder } from '../protocol/index.js';
import { isSocket, type KernelRecord, readTotals } from './record.js';
import { unnamedPort } from './unnamed-port.js';

export interface ConnectionsOptions {
  readonly open: OpenExchange;
  /** What is known of a process: goes into every exchange of it. */
  readonly factsOf: (pid: number) => Pick<ConnectionFacts, 'pid' | 'process'>;
  readonly limits?: WireLimits;
  /** Connections followed at once; beyond it the one that was silent the longest is given up, marked `truncated`. */
  readonly most?: number;
  readonly memory?: MemoryBound;
}

/** The bound on what all connections hold together; each alone is bounded by `WireLimits`. */
export interface MemoryBound {
  /** Bytes. Beyond it the connection with the largest unfinished exchange is given up, marked `truncated`. */
  readonly limit: number;
  /** Bytes in use now, garbage that is not collected yet included: the bound is on what the machine sees. */
  readonly used: () => number;
  /** Told each time. */
  readonly cut: () => void;
}

export interface Connections {
  record(record: KernelRecord, at: UnixNanos): void;
  /**
   * The process is not observed any more, and runs on: its unfinished exchanges end as `detached`. The kernel goes on
   * counting where it was if the process is observed again.
   */
  leave(pid: number, at: UnixNanos): void;
  /** Ends every connection, at the end of the observation. */
  close(at: UnixNanos, reason: PartialReason): void;
  readonly size: number;
  /** Bytes that were missing between records so far. */
  readonly lostBytes: number;
}

interface Connection {
  readonly pid: number;
  readonly epoch: bigint;
  /** Plaintext of a TLS library, not of a socket. */
  readonly secure: boolean;
  decoder: ConnectionDecoder | undefined;
  serverAddress: string | undefined;
  /** Position in each direction up to which bytes were delivered or known to be lost. */
  readonly next: Record<Flow, number>;
  /** Bytes since its latest request began: the most that it can be about to keep. */
  unfinished: number;
  /** Of the latest request. */
  role: Role | undefined;
  /** The process has said that it sends nothing more; what it receives goes on. */
  sentOver: boolean;
  /** When it said so, while nothing was received since: then the connection was over there, whenever it is freed. */
  quietSince: UnixNanos | undefined;
}

/** As many as the kernel keeps positions of. */
const DEFAULT_MOST = 65_536;
/** Bytes delivered between two looks at the memory, which cost about 20 µs. */
const LOOK_EVERY = 1024 * 1024;
/** The same after something was given up: the collector has to find it first. */
const LOOK_AFTER_CUT = 16 * 1024 * 1024;

export function createConnections(options: ConnectionsOptions): Connections {
  const { open, factsOf, limits, most = DEFAULT_MOST, memory } = options;
  /** In the order of their last record: the first is the one that was silent the longest. */
  const connections = new Map<string, Connection>();
  const byPid = new Map<number, Set<string>>();
  let lostBytes = 0;
  let unlooked = 0;

  const forget = (key: string, connection: Connection) => {
    connections.delete(key);
    const keys = byPid.get(connection.pid);
    keys?.delete(key);
    if (keys?.size === 0) byPid.delete(connection.pid);
  };
  const end = (key: string, at: UnixNanos, reason?: PartialReason, by?: Flow) => {
    const connection = connections.get(key);
    if (!connection) return;
    forget(key, connection);
    connection.decoder?.close(connection.quietSince ?? at, reason, by);
  };
  /** What follows is another connection on the same object (SSL_clear); its positions go on. */
  const restart = (connection: Connection, at: UnixNanos, reason?: PartialReason) => {
    connection.decoder?.close(connection.quietSince ?? at, reason);
    connection.decoder = undefined;
    connection.role = undefined;
    connection.unfinished = 0;
    connection.sentOver = false;
    connection.quietSince = undefined;
  };
  const find = (key: string, record: KernelRecord, at: UnixNanos): Connection => {
    const known = connections.get(key);
    if (known?.epoch === record.epoch) {
      connections.delete(key); // and set again below: now the last of the order
      connections.set(key, known);
      return known;
    }
    if (known) end(key, at); // the object was freed and its address used again
    const oldest = connections.size >= most ? connections.keys().next().value : undefined;
    if (oldest !== undefined) end(oldest, at, 'truncated');
    const fresh: Connection = {
      pid: record.pid,
      epoch: record.epoch,
      secure: !isSocket(record.connection),
      decoder: undefined,
      serverAddress: undefined,
      next: { sent: 0, received: 0 },
      unfinished: 0,
      role: undefined,
      sentOver: false,
      quietSince: undefined,
    };
    connections.set(key, fresh);
    const keys = byPid.get(record.pid) ?? new Set();
    byPid.set(record.pid, keys.add(key));
    return fresh;
  };
  /** Tells the decoder what is missing up to `offset`. */
  const skipTo = (connection: Connection, flow: Flow, offset: number, at: UnixNanos) => {
    const missing = offset - connection.next[flow];
    if (missing <= 0) return;
    lostBytes += missing;
    connection.next[flow] = offset;
    decoderOf(connection).gap(flow, missing, at);
  };
  const decoderOf = (connection: Connection): ConnectionDecoder => {
    connection.decoder ??= createConnectionDecoder(
      (head, facts, at) => {
        connection.unfinished = 0;
        connection.role = facts.role;
        return open(head, { ...facts, ...unnamedPort(head, connection.secure) }, at);
      },
      {
        ...factsOf(connection.pid),
        ...(connection.serverAddress === undefined ? {} : { serverAddress: connection.serverAddress }),
      },
      limits,
    );
    return connection.decoder;
  };

  const boundMemory = (length: number, at: UnixNanos) => {
    unlooked += length;
    if (!memory || unlooked < LOOK_EVERY) return;
    unlooked = 0;
    if (memory.used() <= memory.limit) return;
    const [largest] = [...connections].sort(([, a], [, b]) => b.unfinished - a.unfinished);
    if (!largest) return;
    end(largest[0], at, 'truncated');
    memory.cut();
    unlooked = LOOK_EVERY - LOOK_AFTER_CUT;
  };

  const skipToTotals = (connection: Connection, { payload }: KernelRecord, at: UnixNanos) => {
    const totals = readTotals(payload);
    if (totals) for (const flow of ['sent', 'received'] as const) skipTo(connection, flow, totals[flow], at);
  };

  /** SSL_shutdown ends what the process sends. A server has said all with it; a client may be about to read the answer. */
  const endOfSent = (connection: Connection, at: UnixNanos) => {
    if (connection.role !== 'client') return restart(connection, at);
    connection.sentOver = true;
    connection.quietSince = at;
  };

  return {
    record(record, at) {
      const key = `${record.pid} ${record.connection}`;
      switch (record.kind) {
        case 'data': {
          const connection = find(key, record, at);
          if (connection.sentOver && record.flow === 'sent') restart(connection, at);
          skipTo(connection, record.flow, record.offset, at);
          // A repeated offset cannot come from our programs; a damaged recording must not count bytes twice.
          if (record.offset < connection.next[record.flow]) return;
          connection.next[record.flow] = record.offset + record.payload.byteLength;
          connection.unfinished += record.payload.byteLength;
          connection.quietSince = undefined;
          decoderOf(connection).data(record.flow, record.payload, at);
          boundMemory(record.payload.byteLength, at);
          return;
        }
        case 'name': {
          const connection = find(key, record, at);
          connection.serverAddress = Buffer.from(record.payload).toString('latin1').toLowerCase();
          return;
        }
        case 'close':
        case 'shutdown': {
          const connection = connections.get(key);
          if (connection?.epoch !== record.epoch) return;
          // What was lost after the last record that we got would otherwise go unnoticed.
          skipToTotals(connection, record, at);
          if (record.kind === 'close') end(key, at, undefined, record.closedBy);
          else endOfSent(connection, at);
          return;
        }
        case 'shed':
          // Both directions at once: what is missing of the answers must not count as the next exchange's.
          return skipToTotals(find(key, record, at), record, at);
        case 'exec':
        case 'exit':
          for (const key of [...(byPid.get(record.pid) ?? [])]) end(key, at);
          return;
      }
    },
    leave(pid, at) {
      for (const key of byPid.get(pid) ?? []) restart(connections.get(key)!, at, 'detached');
    },
    close(at, reason) {
      for (const key of [...connections.keys()]) end(key, at, reason);
    },
    get size() {
      return connections.size;
    },
    get lostBytes() {
      return lostBytes;
    },
  };
}
