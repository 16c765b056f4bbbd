/**
 * How the body of an answer is framed. The bytes decide, and the content type only where they leave it open: gateways, test
 * servers and Ollama's own cloud name another type than they send, and on a connection that was joined late there is none.
 */

import type { UnixNanos } from '../exchange.js';
import { asBuffer, PendingBytes } from '../protocol/bytes.js';
import { crc32 } from '../protocol/streams/crc32.js';
import { awsEventStream, type Framing, jsonArray, ndjson, sse } from './framing.js';
import { parseJsonBytes } from './json/fields.js';

/** Undecided bytes that are held at most: the first line of JSON, which may be a document or the first of many. */
const MOST_HELD = 64 * 1024;

const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const PRELUDE = 12;
const FIELD_NAMES = ['data:', 'event:', 'id:', 'retry:', ':'];
const LONGEST_FIELD = 6;

export interface Chosen {
  /** Absent: one whole document. */
  readonly framing: Framing | undefined;
  /** Of a document: what was held, for its reader to keep. */
  readonly held?: Buffer;
  /** All other bytes so far with their times, in order; the last may be the caller's own. */
  readonly pieces: readonly (readonly [bytes: Uint8Array, at: UnixNanos])[];
}

/** What a format says of its streams. */
export interface StreamForms {
  /** A JSON array is a stream of its elements. */
  readonly arrayStream?: true;
  /** Streams are lines of JSON. */
  readonly lineStream?: true;
  /** Lines of JSON of any length, whatever the type says: only an object that goes over several lines is a document. */
  readonly lines?: true;
}

type Verdict = 'more' | 'document' | (() => Framing);

/** Takes the first bytes of a body until they tell what it is. */
export class FramingChoice {
  readonly #type: string;
  readonly #formats: StreamForms;
  readonly #held = new PendingBytes(MOST_HELD);
  readonly #ends: [end: number, at: UnixNanos][] = [];

  constructor(contentType: string, formats: StreamForms) {
    this.#type = contentType.toLowerCase();
    this.#formats = formats;
  }

  /** @returns undefined while nobody can tell */
  feed(bytes: Uint8Array, at: UnixNanos): Chosen | undefined {
    if (this.#held.length === 0) {
      const verdict = this.#decide(asBuffer(bytes), bytes.length > MOST_HELD);
      if (verdict !== 'more') return { framing: opened(verdict), pieces: [[bytes, at]] };
    }
    const isFirst = this.#held.length === 0;
    if (!this.#held.push(bytes)) return this.#chosen(true, [bytes, at]);
    this.#ends.push([this.#held.length, at]);
    return isFirst ? undefined : this.#chosen(false);
  }

  /** Nothing follows. @returns undefined where nothing came at all */
  end(): Chosen | undefined {
    return this.#held.length === 0 ? undefined : this.#chosen(true);
  }

  #chosen(final: boolean, last?: Chosen['pieces'][number]): Chosen | undefined {
    const verdict = this.#decide(this.#held.view(), final);
    if (verdict === 'more') return undefined;
    const held = this.#held.take();
    const rest = last === undefined ? [] : [last];
    if (verdict === 'document') return { framing: undefined, held, pieces: rest };
    let start = 0;
    const pieces: [Uint8Array, UnixNanos][] = [];
    for (const [end, at] of this.#ends) {
      pieces.push([held.subarray(start, end), at]);
      start = end;
    }
    return { framing: verdict(), pieces: [...pieces, ...rest] };
  }

  #decide(head: Buffer, final: boolean): Verdict {
    const type = this.#type;
    const isAws = type.includes('vnd.amazon.eventstream');
    if (head[0] === 0) {
      if (isAws) return awsEventStream;
      if (head.length < PRELUDE && !final) return 'more';
      return isAwsPrelude(head) ? awsEventStream : 'document';
    }
    const at = skipSpace(head, 0);
    if (at === head.length && !final) return 'more';
    const lines = type.includes('ndjson') || type.includes('stream+json') || type.includes('jsonl');
    if (head[at] === OPEN_BRACE) {
      if (this.#formats.lines) return anyLines(head, at, final);
      // Where a stream has the form of lines, one alone is one; of any other format it is a whole answer.
      const isLine = lines && this.#formats.lineStream && isWholeLine(head, at, final);
      return isLine ? ndjson : linesOrDocument(head, at, final);
    }
    if (head[at] === OPEN_BRACKET) return this.#formats.arrayStream ? jsonArray : 'document';
    const field = head.toString('latin1', at, at + LONGEST_FIELD);
    if (FIELD_NAMES.some(name => field.startsWith(name))) return sse;
    if (!final && FIELD_NAMES.some(name => name.startsWith(field))) return 'more';
    if (isAws) return awsEventStream;
    if (lines) return ndjson;
    return type.includes('event-stream') ? sse : 'document';
  }
}

function opened(verdict: 'document' | (() => Framing)): Framing | undefined {
  return verdict === 'document' ? undefined : verdict();
}

/** Lengths of a message and of its headers, and the sum of these eight bytes. */
function isAwsPrelude(head: Buffer): boolean {
  return head.length >= PRELUDE && crc32(head.subarray(0, 8)) === head.readUInt32BE(8);
}

/** A byte order mark is space. */
function skipSpace(head: Buffer, from: number): number {
  let at = from;
  if (at === 0 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) at = 3;
  while (at < head.length && (head[at] === 0x20 || (head[at]! >= 0x09 && head[at]! <= 0x0d))) at++;
  return at;
}

/** Whether the first line may be an object by itself; where it has not ended, as far as it came. */
function isWholeLine(head: Buffer, start: number, final: boolean): boolean {
  const newline = head.indexOf(NEWLINE, start);
  return newline < 0 ? !final || head.length > start + 1 : parseJsonBytes(head, start, newline) !== undefined;
}

function anyLines(head: Buffer, start: number, final: boolean): Verdict {
  const newline = head.indexOf(NEWLINE, start);
  if (newline < 0) return final ? ndjson : 'more';
  return parseJsonBytes(head, start, newline) === undefined ? 'document' : ndjson;
}

/** Several objects, one a line, or one document: told by what follows the first line, if that is an object by itself. */
function linesOrDocument(head: Buffer, start: number, final: boolean): Verdict {
  const newline = head.indexOf(NEWLINE, start);
  if (newline < 0) return final ? 'document' : 'more';
  let end = newline;
  while (end > start && (head[end - 1] === 0x0d || head[end - 1] === 0x20)) end--;
  if (head[end - 1] !== CLOSE_BRACE) return 'document';
  const next = skipSpace(head, newline);
  if (next === head.length) return final ? 'document' : 'more';
  return head[next] === OPEN_BRACE && parseJsonBytes(head, start, end) !== undefined ? ndjson : 'document';
}
