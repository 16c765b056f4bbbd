/**
 * Which peers a process is connected to, from `/proc/PID/net/tcp{,6}`: one table per network namespace, joined with the
 * socket inodes of the process. Source: proc_pid_net(5); states are those of `include/net/tcp_states.h`.
 */
import { socketInodes } from './descriptors.js';
import { namespaceOf } from './namespaces.js';
import { type Pid, PROC, procFile, readText } from './proc.js';

export interface Peer {
  /** Numeric address; an IPv4 address mapped into IPv6 is given as IPv4. */
  readonly address: string;
  readonly port: number;
}

export interface Sockets {
  /** Established connections that this process made or accepted. */
  readonly peers: readonly Peer[];
  readonly listening: readonly Peer[];
}

export interface SocketRow {
  readonly local: Peer;
  readonly remote: Peer;
  readonly state: 'established' | 'listen';
}

const ESTABLISHED = '01';
const LISTEN = '0A';

/** Reads each namespace's table once, so that a listing of hundreds of processes costs one parse. */
export function createSocketReader(root = PROC): (pid: number) => Sockets | undefined {
  const namespaces = new Map<string, Map<string, SocketRow>>();
  return pid => {
    const inodes = socketInodes(pid, root);
    if (!inodes) return undefined;
    if (inodes.size === 0) return { peers: [], listening: [] };
    const namespace = namespaceOf(pid, 'net', root) ?? String(pid);
    const rows = namespaces.get(namespace) ?? readSocketTable(pid, root);
    namespaces.set(namespace, rows);
    const own = [...inodes].map(inode => rows.get(inode)).filter(row => row !== undefined);
    const ports = new Set(own.filter(row => row.state === 'listen').map(row => row.local.port));
    return {
      // What came in through a port that the process listens on is a client of it, not a provider.
      peers: own.filter(row => row.state === 'established' && !ports.has(row.local.port)).map(row => row.remote),
      listening: own.filter(row => row.state === 'listen').map(row => row.local),
    };
  };
}

/** All TCP sockets of a process's network namespace that are established or listen, by inode. */
export function readSocketTable(pid: Pid, root = PROC): Map<string, SocketRow> {
  const rows = new Map<string, SocketRow>();
  for (const table of ['tcp', 'tcp6']) parseTable(readText(procFile(pid, `net/${table}`, root)) ?? '', rows);
  return rows;
}

/** Adds the rows of one table to `rows`, keyed by socket inode. Exported for tests. */
export function parseTable(text: string, rows = new Map<string, SocketRow>()): Map<string, SocketRow> {
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [, local, remote, state] = fields;
    const inode = fields[9];
    if (!local || !remote || !inode || (state !== ESTABLISHED && state !== LISTEN)) continue;
    rows.set(inode, {
      local: parseEndpoint(local),
      remote: parseEndpoint(remote),
      state: state === LISTEN ? 'listen' : 'established',
    });
  }
  return rows;
}

/** `0100007F:1F90` -> 127.0.0.1:8080. The address is printed as host-endian 32-bit words, the port is not. */
function parseEndpoint(text: string): Peer {
  const [hex = '', port = ''] = text.split(':');
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let byte = 6; byte >= 0; byte -= 2) bytes.push(Number.parseInt(hex.slice(word + byte, word + byte + 2), 16));
  }
  return { address: formatAddress(bytes), port: Number.parseInt(port, 16) };
}

function formatAddress(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every(byte => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join('.');
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  // The URL parser writes IPv6 in its canonical form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
