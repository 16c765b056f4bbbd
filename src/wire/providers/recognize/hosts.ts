/** Host -> provider, from what the families say. */
import { FAMILIES } from '../families.js';
import type { HostRow } from '../family.js';
import { splitHost } from './target.js';

/** Rows that hold for a part of a host's paths come before those that hold for the whole host. */
export const HOST_ROWS: readonly HostRow[] = FAMILIES.flatMap(family => family.hosts ?? []).sort(
  (one, other) => Number(one.path === undefined) - Number(other.path === undefined),
);

const PORTS: ReadonlyMap<number, string> = new Map(
  FAMILIES.flatMap(({ ports = {} }) => Object.entries(ports).map(([port, provider]) => [Number(port), provider])),
);

const WHOLE = new Map<string, HostRow[]>();
for (const row of HOST_ROWS) for (const host of row.hosts ?? []) WHOLE.set(host, [...(WHOLE.get(host) ?? []), row]);
const PATTERNS = HOST_ROWS.filter(row => row.ends !== undefined);

export interface KnownHost {
  readonly provider: string;
  readonly gateway: boolean;
}

function fitsName(row: HostRow, name: string): boolean {
  return (
    row.ends!.some(end => name.endsWith(end)) &&
    (row.begins === undefined || row.begins.some(begin => name.startsWith(begin)))
  );
}

/** Which provider answers at this host and path; `undefined` where nobody knows. */
export function knownHost(host: string, path: string): KnownHost | undefined {
  const { name, port } = splitHost(host);
  const fits = (row: HostRow) => row.path === undefined || path.includes(row.path);
  const row = WHOLE.get(name)?.find(fits) ?? PATTERNS.find(each => fitsName(each, name) && fits(each));
  if (row !== undefined) return { provider: row.provider, gateway: row.gateway === true };
  const provider = port === undefined ? undefined : PORTS.get(port);
  return provider === undefined ? undefined : { provider, gateway: false };
}

/** Host names that can be resolved: for `ps`, which sees addresses only. */
export const HOST_NAMES: readonly string[] = [...WHOLE.keys()];

/** Which provider a host most likely belongs to, when no path is known. Never used to name a call. */
export function providerOfName(host: string): string | undefined {
  const { name } = splitHost(host);
  return (WHOLE.get(name)?.[0] ?? PATTERNS.find(each => fitsName(each, name)))?.provider;
}
