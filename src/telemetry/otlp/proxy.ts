/**
 * HTTP proxies in front of a collector, by the variables that curl, Go and Python read (no specification has them, and
 * OpenTelemetry's exporters for those languages and for gRPC in JavaScript follow them). Lower case wins, as in curl.
 */
import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's address, which may hold a password. Undefined: straight. A program's own machine is never behind one. */
export function proxyFor(url: URL, env: Environment): string | undefined {
  const read = (name: string) => env[name]?.trim() || env[name.toUpperCase()]?.trim() || undefined;
  const value = read(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? read('all_proxy');
  const host = hostOf(url).toLowerCase();
  if (value === undefined || isLoopback(host) || isExempt(host, portOf(url), read('no_proxy') ?? '')) return undefined;
  try {
    const proxy = new URL(value.includes('://') ? value : `http://${value}`);
    // SOCKS is another protocol.
    return proxy.protocol === 'http:' || proxy.protocol === 'https:' ? proxy.href : undefined;
  } catch {
    return undefined;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `*`, `example.com` and what is below it, `.example.com`, `10.0.0.0/8`, each with a port or without. */
function isExempt(host: string, port: number, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some(entry => {
      if (entry === '*') return true;
      const [, name = entry, only] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
      if (only !== undefined && Number(only) !== port) return false;
      const bare = unbracketed(name.replace(/^\*?\./, ''));
      if (bare === '') return false;
      return host === bare || (isIP(host) === 0 ? host.endsWith(`.${bare}`) : isInside(host, bare));
    });
}

function isInside(host: string, network: string): boolean {
  const [address = '', bits] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined || isIP(address) === 0) return false;
  try {
    const block = new BlockList();
    block.addSubnet(address, Number(bits), family);
    return block.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  } catch {
    return false;
  }
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');

/** Without the brackets of an IPv6 address, as sockets want it. */
export function hostOf(url: URL): string {
  return unbracketed(url.hostname);
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
