/** The text of a head to its first line and fields (RFC 9112 §5). */
import type { HeaderFields } from '../../exchange.js';

const LF = 10;
const CR = 13;

/**
 * The position after the empty line that ends a head, or -1. A bare LF ends a line too (RFC 9112 §2.2).
 * @param from where the search goes on; the caller has looked at what is before, so that long heads stay linear
 */
export function findHeadEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

export interface Head {
  readonly line: string;
  readonly headers: HeaderFields;
}

/** Field names as they came -> lower-case. A server sees the same few again and again, and to make each anew took half of a head's time. */
const NAMES = new Map<string, string>();
const MOST_NAMES = 1_000;
const LONGEST_NAME = 64;

/** Whitespace before the colon is an old smuggling trick: servers refuse it, so the field counts under its own name. */
function nameOf(text: string, start: number, colon: number): string {
  const raw = text.slice(start, colon);
  const known = NAMES.get(raw);
  if (known !== undefined) return known;
  if (NAMES.size >= MOST_NAMES || raw.length > LONGEST_NAME) return raw.trim().toLowerCase();
  // A part of a text keeps the whole of it in memory, so what stays is made of bytes.
  const own = Buffer.from(raw, 'latin1').toString('latin1');
  const name = own.trim().toLowerCase();
  NAMES.set(own, name);
  return name;
}

const isVisible = (code: number) => code > 0x20 && code < 0x7f;

/** `text.slice(start, end).trim()`; nearly always there is one space before and CR after. */
function trimmed(text: string, start: number, end: number): string {
  const from = text.charCodeAt(start) === 0x20 ? start + 1 : start;
  const to = text.charCodeAt(end - 1) === CR ? end - 1 : end;
  if (from < to && isVisible(text.charCodeAt(from)) && isVisible(text.charCodeAt(to - 1))) return text.slice(from, to);
  return text.slice(start, end).trim();
}

/**
 * @param text the head in latin1, without or with its last empty line
 * @param only the fields that are wanted; all without it
 * A folded line (obs-fold) is joined to its field by one space. A line that is no field is left out.
 * Fields of one name are joined by `, ` (cookies by `; `, as HTTP/2 does), in order.
 */
export function parseHead(text: string, only?: ReadonlySet<string>): Head {
  const headers: Record<string, string> = Object.create(null);
  let end = text.indexOf('\n');
  if (end < 0) end = text.length;
  const line = trimEnd(text.slice(0, end));
  let name = '';
  for (let start = end + 1; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const first = text.charCodeAt(start);
    if (first === 32 || first === 9) {
      // Only the new part is trimmed: trimming the whole at each of many folds would be O(n²).
      const more = text.slice(start, end).trim();
      if (name !== '' && more !== '') headers[name] = headers[name] === '' ? more : `${headers[name]} ${more}`;
      continue;
    }
    const colon = text.indexOf(':', start);
    if (colon <= start || colon >= end) {
      name = '';
      continue;
    }
    name = nameOf(text, start, colon);
    if (only !== undefined && !only.has(name)) {
      name = '';
      continue;
    }
    const value = trimmed(text, colon + 1, end);
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return { line, headers };
}

function trimEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

/** Only the fields that frame the body; for messages that nobody wants. */
export function parseFramingFields(text: string): Head {
  return parseHead(text, FRAMING);
}
