/** Text -> typed value, for flags, environment and `${…}` in files. Pure; says what is allowed when it refuses. */
import { dollarsOf, durationOf, sizeOf } from './amounts.js';
import type { SettingRow } from './setting-row.js';

export type Pairs = Readonly<Record<string, string>>;
export type Value = string | number | boolean | readonly string[] | Pairs;

export type Parsed = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly allowed: string };

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

const good = (value: Value): Parsed => ({ ok: true, value });
const bad = (allowed: string): Parsed => ({ ok: false, allowed });

/** What of a row decides how a value is read. */
type ValueForm = Pick<SettingRow, 'kind' | 'choices' | 'bare' | 'synonyms'>;

/** What a person may write for this row, for errors, help and documentation. */
export function allowedFor(row: ValueForm): string {
  switch (row.kind) {
    case 'switch':
      return 'true or false';
    case 'choice':
      return `one of ${row.choices?.join(', ')}${row.bare ? ', true or false' : ''}`;
    case 'count':
      return 'a whole number of at least 1';
    case 'fraction':
      return 'a number from 0 to 1';
    case 'url':
      return 'an address that begins with http:// or https://';
    case 'list':
      return 'words separated by commas';
    case 'lines':
      return 'one text a line, or a JSON list';
    case 'pairs':
      return 'KEY=VALUE pairs separated by commas, or a JSON object of strings';
    case 'json':
      return 'a JSON object';
    case 'size':
      return 'a size such as 500MB or 2GB';
    case 'age':
      return 'a time such as 12h, 30d or 8w';
    case 'money':
      return "an amount in US dollars such as 0.10 (a shell needs quotes around '$0.10')";
    case 'path':
      return 'a file name';
    case 'text':
      return 'some text';
  }
}

export function parseText(row: ValueForm, text: string): Parsed {
  const word = text.trim();
  const refuse = () => bad(allowedFor(row));
  switch (row.kind) {
    case 'switch': {
      const lower = word.toLowerCase();
      return TRUE.has(lower) ? good(true) : FALSE.has(lower) ? good(false) : refuse();
    }
    case 'choice': {
      const lower = word.toLowerCase();
      if (row.choices?.includes(lower)) return good(lower);
      const synonym = row.synonyms?.[lower];
      if (synonym !== undefined) return good(synonym);
      if (row.bare && TRUE.has(lower)) return good(row.bare);
      if (row.bare && FALSE.has(lower)) return good(row.choices?.[0] ?? '');
      return refuse();
    }
    case 'count':
      return /^\d{1,12}$/.test(word) && Number(word) >= 1 ? good(Number(word)) : refuse();
    case 'fraction':
      return /^(\d+\.?\d*|\.\d+)$/.test(word) && Number(word) <= 1 ? good(Number(word)) : refuse();
    case 'url':
      return isHttpUrl(word) ? good(word) : bad(allowedFor(row) + urlHint(word));
    case 'list':
      return good(parseList(word, ','));
    case 'lines':
      return good(parseList(word, '\n'));
    case 'pairs': {
      const pairs = parsePairs(word);
      return pairs ? good(pairs) : refuse();
    }
    case 'size':
      return sizeOf(word) === undefined ? refuse() : good(word);
    case 'age':
      return durationOf(word) === undefined ? refuse() : good(word);
    case 'money': {
      const dollars = dollarsOf(word);
      return dollars === undefined ? refuse() : good(dollars);
    }
    case 'json':
      return isJsonObject(word) ? good(word) : refuse();
    case 'path':
    case 'text':
      return word === '' ? refuse() : good(text);
  }
}

/** `localhost:4318` is an address without its beginning. */
function urlHint(text: string): string {
  const word = text.replace(/^\/\//, '');
  const plain = /^(\[[\da-f:]+\]|[\w.-]+)(:\d{1,5})?(\/\S*)?$/i.test(word) && /[.:]|localhost/i.test(word);
  if (!plain || !isHttpUrl(`http://${word}`)) return '';
  return `; did you mean http://${word}?`;
}

export function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text)) return false;
  try {
    return new URL(text).hostname !== '';
  } catch {
    return false;
  }
}

/** `a, b` -> `['a', 'b']`; a JSON list of strings is accepted as well. */
function parseList(text: string, separator: string): string[] {
  if (text.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list) && list.every(item => typeof item === 'string')) return list;
    } catch {
      // A pattern such as [a-z]+ is no JSON: words it is.
    }
  }
  return text
    .split(separator)
    .map(word => word.trim())
    .filter(word => word !== '');
}

/**
 * `k=v,k2=v2` with percent-encoded values (W3C Baggage form, as the OTLP exporter specification says for headers), or a
 * JSON object, which OpenLIT's own launcher announces. `undefined` when it is neither.
 */
export function parsePairs(text: string): Record<string, string> | undefined {
  if (text.startsWith('{')) return parseJsonPairs(text);
  const pairs: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const key = part.slice(0, at).trim();
    if (at < 1 || key === '') return undefined;
    pairs[decode(key)] = decode(part.slice(at + 1).trim());
  }
  return pairs;
}

function parseJsonPairs(text: string): Record<string, string> | undefined {
  try {
    const object: unknown = JSON.parse(text);
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
    const entries = Object.entries(object);
    if (entries.some(([, value]) => typeof value === 'object')) return undefined;
    return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
  } catch {
    return undefined;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** `%41` -> `A`; text with a lone `%` stays as it is. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The inverse of `parsePairs`: what `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_RESOURCE_ATTRIBUTES` hold. */
export function formatPairs(pairs: Pairs): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .join(',');
}

/** Only what would break the form is escaped, so that `Basic dXNlcg==` stays readable for parsers that do not decode. */
function encode(text: string): string {
  return text.replace(/[%,;\\"\s]|[^\x21-\x7e]/gu, character =>
    // Through bytes, because a lone surrogate would throw.
    encodeURIComponent(Buffer.from(character).toString()),
  );
}

/** A headers file: one `KEY=VALUE` or `Key: value` a line, values as they are, `#` for comments. */
export function parseHeaderLines(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (!match) return undefined;
    headers[match[1]!] = match[2]!;
  }
  return headers;
}
