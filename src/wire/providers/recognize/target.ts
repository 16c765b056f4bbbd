/** The parts of a request target and of a `Host` field. */

/** The path without query and without a slash at its end. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

export function queryOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? '' : target.slice(query + 1);
}

/** Lower-case name and port of a `Host` field, an IPv6 address without its brackets. */
export function splitHost(host: string): { name: string; port?: number } {
  const colon = host.lastIndexOf(':');
  const isIpv6 = host.startsWith('[');
  const hasPort = colon > 0 && (isIpv6 ? host[colon - 1] === ']' : host.indexOf(':') === colon);
  const withBrackets = hasPort ? host.slice(0, colon) : host;
  const name = (
    isIpv6 || withBrackets.endsWith(']') ? withBrackets.replace(/^\[|\]$/g, '') : withBrackets
  ).toLowerCase();
  const port = hasPort ? Number(host.slice(colon + 1)) : Number.NaN;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { name, port } : { name };
}
