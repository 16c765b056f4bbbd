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

/**
 * @param text the head in latin1, without or with its last empty line
 * A folded line (obs-fold) is joined to its field by one space. A line that is no field is left out.
 * Fields of one name are joined by `, ` (cookies by `; `, as HTTP/2 does), in order.
 */
export function parseHead(text: string): Head {
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
    // Whitespace before the colon is an old smuggling trick: servers refuse it, so the field counts under its own name.
    name = text.slice(start, colon).trim().toLowerCase();
    const value = text.slice(colon + 1, end).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return { line, headers };
}

function trimEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Only the fields that frame the body; for messages that nobody wants. */
export function parseFramingFields(text: string): Head {
  if (/\n[^\n:]*(?:content-length|transfer-encoding)/i.test(text)) return parseHead(text);
  const end = text.indexOf('\n');
  return { line: trimEnd(end < 0 ? text : text.slice(0, end)), headers: {} };
}
