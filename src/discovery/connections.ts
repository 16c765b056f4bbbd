/**
 * Which providers a process is connected to right now, from addresses alone. Evidence, best first: the hosts table of the
 * process, the current DNS answers for known provider hosts, the program that listens on a loopback port, a well-known
 * port. Addresses behind shared front ends (CDNs) can serve several hosts: then nothing is claimed.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { readInside } from '../machine/files-inside.js';
import type { Peer } from '../machine/sockets.js';

export interface ConnectedProvider {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly evidence: 'hosts-file' | 'dns' | 'listener' | 'port';
  readonly host?: string;
}

/** `gen_ai.provider.name` of a host, or undefined. */
export type ProviderOfHost = (host: string) => string | undefined;

/** Ports that only one model server uses. 8000 and 8080 are everybody's: there the listening program decides. */
const MODEL_SERVER_PORTS: ReadonlyMap<number, string> = new Map([
  [11434, 'ollama'],
  [1234, 'lm_studio'],
]);

/** Address -> host, from hosts(5) text. Only hosts of providers are kept. */
export function parseHostsFile(text: string, providerOf: ProviderOfHost): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!address || isIP(address) === 0) continue;
    const host = names.find(name => providerOf(name.toLowerCase()) !== undefined);
    if (host && !found.has(address)) found.set(address, host.toLowerCase());
  }
  return found;
}

/**
 * Address -> host for hosts that resolve within `milliseconds`. An address that answers for hosts of two providers is
 * left out. Asks the machine's own resolver, for names only.
 */
export async function resolveHosts(
  hosts: readonly string[],
  providerOf: ProviderOfHost,
  milliseconds: number,
): Promise<Map<string, string>> {
  const found = new Map<string, string | undefined>();
  const add = (host: string) => (addresses: string[]) => {
    for (const address of addresses) {
      const before = found.get(address);
      const shared = found.has(address) && (before === undefined || providerOf(before) !== providerOf(host));
      found.set(address, shared ? undefined : host);
    }
  };
  const resolver = new Resolver();
  const queries = hosts.flatMap(host => [
    resolver.resolve4(host).then(add(host), () => {}),
    resolver.resolve6(host).then(add(host), () => {}),
  ]);
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([Promise.all(queries), bound]);
  clearTimeout(timer);
  const known = new Map(found);
  // A query that nobody answers would hold the process for seconds.
  resolver.cancel();
  return new Map([...known].flatMap(([address, host]) => (host === undefined ? [] : [[address, host] as const])));
}

export interface AddressBook {
  readonly dns: ReadonlyMap<string, string>;
  readonly providerOf: ProviderOfHost;
  /** What the program that listens on this loopback port is, when it is a model server. */
  readonly listener: (port: number) => string | undefined;
}

const hostsFiles = new Map<string, Map<string, string>>();

/** Providers among the peers of one process, one entry per provider. */
export function connectedProviders(pid: number, peers: readonly Peer[], book: AddressBook): ConnectedProvider[] {
  const found = new Map<string, ConnectedProvider>();
  if (peers.length === 0) return [];
  const hosts = hostsOf(pid, book.providerOf);
  for (const { address, port } of peers) {
    const loopback = address.startsWith('127.') || address === '::1';
    const listed = hosts.get(address);
    const resolved = book.dns.get(address);
    const host = listed ?? resolved;
    const byHost = host && book.providerOf(host);
    const served = loopback ? (book.listener(port) ?? MODEL_SERVER_PORTS.get(port)) : MODEL_SERVER_PORTS.get(port);
    const name = byHost || served;
    if (!name || found.has(name)) continue;
    const evidence = byHost ? (listed ? 'hosts-file' : 'dns') : loopback && book.listener(port) ? 'listener' : 'port';
    found.set(name, { name, address, port, evidence, ...(byHost && host && { host }) });
  }
  return [...found.values()];
}

/** The process's own table: a container has one of its own. Equal texts are parsed once. */
function hostsOf(pid: number, providerOf: ProviderOfHost): Map<string, string> {
  const text = readInside(pid, '/etc/hosts') ?? '';
  let hosts = hostsFiles.get(text);
  if (!hosts) {
    hosts = parseHostsFile(text, providerOf);
    hostsFiles.set(text, hosts);
  }
  return hosts;
}
