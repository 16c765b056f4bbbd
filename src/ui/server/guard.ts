/**
 * Who may ask. Loopback is no boundary: any page that the browser shows can send requests here, and a name that was made to
 * lead here makes such a page same-origin. So the name is looked at, then where the request comes from, then the cookie.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 415;
  /** For the person who sees it. */
  readonly reason: string;
}

export interface Guard {
  /** For the fragment of the address: browsers send it to nobody. */
  readonly token: string;
  /** What holds for every request, the page's own files too. */
  admits(request: IncomingMessage): Refusal | undefined;
  /** What holds for requests about calls. */
  knows(request: IncomingMessage): Refusal | undefined;
  /** The `Set-Cookie` for this token; undefined where it is not the right one. */
  exchange(token: unknown): string | undefined;
}

/** @param port the one that the server listens on */
export function createGuard(port: number): Guard {
  const token = randomBytes(24).toString('base64url');
  const secret = randomBytes(32).toString('base64url');
  // Cookies know no ports: two pages on one machine would overwrite each other's.
  const cookie = `openlit_ui_${port}`;
  const hosts = new Set(['127.0.0.1', '[::1]', 'localhost'].map(name => `${name}:${port}`));
  const origins = new Set([...hosts].map(host => `http://${host}`));

  function admits({ headers, method = 'GET' }: IncomingMessage): Refusal | undefined {
    if (!hosts.has(headers.host ?? '')) return { status: 403, reason: 'this name does not lead to this page' };
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      return { status: 405, reason: `${method} is not known here` };
    if (method !== 'POST') return undefined;
    const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    if (type !== 'application/json') return { status: 415, reason: 'the content type must be application/json' };
    return foreign(headers);
  }

  /** Programs without a browser send neither header; a browser sends them where it counts. */
  function foreign(headers: IncomingHttpHeaders): Refusal | undefined {
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    const strange = origin !== undefined && (!origins.has(origin) || origin !== `http://${headers.host}`);
    if (strange || (site !== undefined && site !== 'same-origin' && site !== 'none'))
      return { status: 403, reason: 'another site asked' };
    return undefined;
  }

  return {
    token,
    admits,
    knows(request) {
      const refusal = foreign(request.headers);
      if (refusal !== undefined) return refusal;
      const given = cookieOf(request.headers.cookie, cookie);
      if (given !== undefined && same(given, secret)) return undefined;
      return { status: 401, reason: 'open the address that openlit-instrument printed' };
    },
    exchange: given =>
      typeof given === 'string' && same(given, token)
        ? // Only below /api, so that a server on another port of this name does not get it with its pages.
          `${cookie}=${secret}; HttpOnly; SameSite=Strict; Path=/api`
        : undefined,
  };
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** Takes as long for a wrong one as for the right one. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Sent with every answer. No header allows other origins anything. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
