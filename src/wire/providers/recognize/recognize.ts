/** From the head of a request to the wire format of its bodies: by host, then by path, else by the bodies themselves. */
import type { RequestHead } from '../../exchange.js';
import type { Format } from '../format.js';
import type { SocketFormat } from '../sockets/socket-format.js';
import { type KnownHost, knownHost } from './hosts.js';
import { laterRouteOf, routeOf, socketRouteOf } from './routes.js';
import { pathOf } from './target.js';

export interface Recognized {
  readonly provider?: string;
  /** Absent: the body decides. */
  readonly format?: Format;
  /** Host and path both say so; otherwise the request must have the format's shape too. */
  readonly certain: boolean;
  /** The path is too common to prove anything by itself; the answer must be a model's. */
  readonly weak?: boolean;
}

/** @returns `undefined` where it is no inference, whatever the bodies hold */
export function recognize(
  head: Pick<RequestHead, 'method' | 'path' | 'host'>,
  isJson: boolean,
): Recognized | undefined {
  if (head.method !== 'POST' && head.method !== 'GET' && head.method !== '') return undefined;
  const path = pathOf(head.path);
  const known = head.host === undefined ? undefined : knownHost(head.host, path);
  if (head.method === 'GET') return recognizeLater(path, known);
  // An HTTP/2 connection that was joined in the middle: the path is in a table that nobody has.
  if (path === '') return known === undefined ? { certain: false } : { provider: known.provider, certain: false };
  const route = routeOf(path, known?.provider);
  if (known !== undefined && !known.gateway) {
    return route === undefined ? undefined : { provider: known.provider, format: route.format, certain: true };
  }
  const provider = known === undefined ? {} : { provider: known.provider };
  if (route !== undefined) return { ...provider, format: route.format, certain: false, weak: route.weak === true };
  return isJson ? { ...provider, certain: false } : undefined;
}

function recognizeLater(path: string, known: KnownHost | undefined): Recognized | undefined {
  const route = laterRouteOf(path, known?.provider);
  if (route === undefined) return undefined;
  const provider = known === undefined ? {} : { provider: known.provider };
  const certain = known !== undefined && !known.gateway;
  return { ...provider, format: route.format, certain, weak: route.weak === true };
}

/** WebSockets: a GET that is upgraded, or over HTTP/2 a CONNECT. */
export function recognizeSocket(head: Pick<RequestHead, 'method' | 'path'>): SocketFormat | undefined {
  if (head.method !== 'GET' && head.method !== 'CONNECT') return undefined;
  return socketRouteOf(pathOf(head.path))?.format;
}
