/**
 * The taps' first look at a request, as regular expressions made from what the families say. A tap runs inside the program
 * and knows no format; it hands over what passes here, and the tables of this folder decide. So these let through every
 * call that the tables would recognise, and as little else as they can.
 *
 * Only syntax that JavaScript and Python share, and only ASCII. Nothing here is loaded by a tap: `npm run build` writes the
 * expressions into files of data for each of them.
 */
import { FAMILIES } from '../families.js';
import type { HostRow, Route, SocketRoute } from '../family.js';
import { HOST_ROWS } from './hosts.js';
import { ROUTES } from './routes.js';

export interface LookAheadExpressions {
  /** Path of a POST, without its query and without a slash at its end. */
  readonly path: string;
  /** Path of a GET or CONNECT: it may open a WebSocket, listen to a session or fetch a later result. */
  readonly getPath: string;
  /** Host of a POST, lower-case and without its port: known ones whose paths say too little. */
  readonly host: string;
  /** First 4 KiB of a POST's JSON body, where the path is unknown and the host is none of `closedHost`. */
  readonly body: string;
  /** Hosts of providers whose paths are all known: on any other path no body is a call. */
  readonly closedHost: string;
  /** Name of a request header, lower-case, of any method. */
  readonly header: string;
}

export function lookAhead(): LookAheadExpressions {
  const ahead = FAMILIES.flatMap(family => family.lookAhead ?? []);
  const sockets = FAMILIES.flatMap(family => family.sockets ?? []);
  return {
    path: anyOf([
      ...ROUTES.filter(route => route.method === undefined).map(pathExpression),
      ...ahead.flatMap(({ paths = [] }) => paths),
    ]),
    getPath: anyOf([
      ...ROUTES.filter(route => route.method === 'GET').map(pathExpression),
      ...sockets.map(pathOfSocket),
      ...ahead.flatMap(({ getPaths = [] }) => getPaths),
    ]),
    host: anyOf(HOST_ROWS.filter(isNeeded).flatMap(hostExpressions)),
    body: anyOf([memberExpression(), ...ahead.flatMap(({ bodies = [] }) => bodies)]),
    closedHost: anyOf(HOST_ROWS.filter(isClosed).flatMap(hostExpressions)),
    header: `^(?:${anyOf(ahead.flatMap(({ headers = [] }) => headers.map(escaped)))})$`,
  };
}

/** Each once, and none that another one lets through: `/completions$` covers `/chat/completions$`. Empty ones say nothing. */
function anyOf(expressions: readonly string[]): string {
  const known = [...new Set(expressions)].filter(each => each !== '');
  const isCovered = (each: string) =>
    known.some(other => other !== each && !other.startsWith('^') && each.endsWith(other));
  return known.filter(each => !isCovered(each)).join('|');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function pathExpression({ method, end, contains, lookAhead: own }: Route): string {
  if (own !== undefined) return own;
  if (method === 'GET') return `${escaped(end)}/[^/]+$`;
  if (contains === undefined) return `${escaped(end)}$`;
  if (end === '') return escaped(contains);
  // The slash between the two may be one and the same.
  return `${escaped(contains)}(?:.*/)?${escaped(end.slice(1))}$`;
}

function pathOfSocket({ end, contains }: SocketRoute): string {
  return contains === undefined ? `${escaped(end)}$` : `${escaped(contains)}.*${escaped(end)}$`;
}

/** Behind a gateway bodies decide, and some routes are told by their provider alone. */
function isNeeded(row: HostRow): boolean {
  return row.gateway === true || ROUTES.some(route => route.lookAhead === '' && route.only?.includes(row.provider));
}

/** A row for some paths of a host says nothing of the others. */
function isClosed(row: HostRow): boolean {
  return row.gateway !== true && row.path === undefined;
}

function hostExpressions({ hosts = [], begins = [''], ends = [] }: HostRow): string[] {
  const whole = hosts.map(host => `^${escaped(host)}$`);
  const patterns = ends.flatMap(end =>
    begins.map(begin => (begin === '' ? `${escaped(end)}$` : `^${escaped(begin)}.*${escaped(end)}$`)),
  );
  return [...whole, ...patterns];
}

/** `"messages":[` and its kin, at any depth; inside a JSON string the quotes would be escaped. */
function memberExpression(): string {
  const openers = new Map<string, Set<string>>();
  for (const shape of FAMILIES.flatMap(family => family.shapes ?? [])) {
    for (const [name, opener] of Object.entries(shape.lookAhead)) {
      openers.set(opener, (openers.get(opener) ?? new Set()).add(escaped(name)));
    }
  }
  const members = [...openers].map(([opener, names]) => {
    const first = opener.length === 1 ? escaped(opener) : `[${opener.replace('[', '\\[')}]`;
    return `"(?:${[...names].join('|')})"\\s*:\\s*${first}`;
  });
  return members.length === 0 ? '' : `[{,]\\s*(?:${members.join('|')})`;
}
