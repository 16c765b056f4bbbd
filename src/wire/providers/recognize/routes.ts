/** Path -> wire format, from what the families say; found by the last word of the path, so that no list is walked. */
import { FAMILIES } from '../families.js';
import type { Route, SocketRoute } from '../family.js';

export const ROUTES: readonly Route[] = FAMILIES.flatMap(family => family.routes ?? []).sort(
  (one, other) => other.end.length - one.end.length,
);

/** GETs for results that were asked for before. */
const LATER = ROUTES.filter(route => route.method === 'GET');
const SOCKETS: readonly SocketRoute[] = FAMILIES.flatMap(family => family.sockets ?? []);

/** What follows the last slash or colon: `completions` of `/v1/chat/completions`. */
function lastWord(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1);
}

/** By last word, the longest end first; those without an end are tried after them. */
const BY_WORD = new Map<string, Route[]>();
const BY_MIDDLE = ROUTES.filter(route => route.end === '');
for (const route of ROUTES) {
  if (route.end === '' || route.method === 'GET') continue;
  const word = lastWord(route.end);
  BY_WORD.set(word, [...(BY_WORD.get(word) ?? []), route]);
}

/** @param path without query and without a slash at its end */
export function routeOf(path: string, provider: string | undefined): Route | undefined {
  return (
    BY_WORD.get(lastWord(path))?.find(route => fits(route, path, provider)) ??
    BY_MIDDLE.find(route => fits(route, path, provider))
  );
}

/** The route of a GET that may fetch a later result: all but the last segment, which is its id, is the path. */
export function laterRouteOf(path: string, provider: string | undefined): Route | undefined {
  const whole = path.slice(0, path.lastIndexOf('/'));
  return LATER.find(route => fits(route, whole, provider));
}

function fits(route: Route, path: string, provider: string | undefined): boolean {
  return (
    path.endsWith(route.end) &&
    (route.contains === undefined || path.includes(route.contains)) &&
    (route.only === undefined || (provider !== undefined && route.only.includes(provider)))
  );
}

export function socketRouteOf(path: string): SocketRoute | undefined {
  return SOCKETS.find(
    route => path.endsWith(route.end) && (route.contains === undefined || path.includes(route.contains)),
  );
}
