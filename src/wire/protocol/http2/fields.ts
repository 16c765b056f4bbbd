/** Decoded header fields to the heads of an exchange (RFC 9113 §8.3). */
import type { HeaderFields, RequestHead } from '../../exchange.js';
import type { HeaderField } from './hpack.js';

export interface StreamHead {
  readonly pseudo: Readonly<Record<string, string>>;
  readonly headers: HeaderFields;
}

/** Fields with an unknown name or value are left out. Repeated ones are joined by `, `, crumbs of cookies by `; `. */
export function toStreamHead(fields: readonly HeaderField[]): StreamHead {
  const pseudo: Record<string, string> = Object.create(null);
  const headers: Record<string, string> = Object.create(null);
  for (const { name, value } of fields) {
    if (name === undefined || value === undefined) continue;
    const target = name.startsWith(':') ? pseudo : headers;
    const before = target[name];
    target[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return { pseudo, headers };
}

/** Who sends such a block; undefined where nothing known tells it. */
export function senderOf(fields: readonly HeaderField[]): 'client' | 'server' | undefined {
  for (const { name } of fields) {
    if (name === ':status') return 'server';
    if (name === ':method' || name === ':path' || name === ':scheme' || name === ':authority') return 'client';
  }
  return undefined;
}

/**
 * What is unknown of a connection joined in the middle is empty (method, path) or absent (host); the exchange is then
 * marked `headers`.
 */
export function toRequestHead({ pseudo, headers }: StreamHead): RequestHead {
  const method = pseudo[':method'] ?? '';
  const host = pseudo[':authority'] ?? headers.host;
  const path = pseudo[':path'] ?? (method === 'CONNECT' ? (host ?? '') : '');
  return { method, path, headers, ...(host === undefined ? {} : { host }) };
}

/** 0 where it is unknown. */
export function toStatus({ pseudo }: StreamHead): number {
  const status = pseudo[':status'];
  return status !== undefined && /^[1-9][0-9][0-9]$/.test(status) ? Number(status) : 0;
}
