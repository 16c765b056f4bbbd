/**
 * The first look at a request, on the program's path: may this be a call of a model? Path, host and names of headers say so
 * at once, else the first bytes of a JSON body. What passes is handed over; the observer decides. What does not costs a
 * comparison a chunk and, for a POST of JSON, one expression over 4 KiB. The expressions are made from the formats.
 */
import { BODY, CLOSED_HOST, GET_PATH, HEADER, HOST, PATH } from './lookahead.js';

/** Bytes of a request that are read for its first line: queries hold signatures and tokens. As much as Node's servers take. */
const LINE_LOOK = 16_384;
/** Bytes of a head that are read where the path says nothing: cookies and tokens of gateways are long. */
const HEAD_LOOK = 65_536;
/** Bytes that are read first: nearly every head ends there. */
const SHORT_LOOK = 2_048;
/** Bytes of a body that are read. */
export const BODY_LOOK = 4_096;
const HEAD_END = '\r\n\r\n';

const METHODS: Readonly<Record<number, string>> = { 68: 'DELETE', 71: 'GET', 80: 'POST' };
const PATHS: Readonly<Record<string, RegExp>> = { POST: new RegExp(PATH), GET: new RegExp(GET_PATH) };
const HOSTS = new RegExp(HOST);
const CLOSED_HOSTS = new RegExp(CLOSED_HOST);
const BODIES = new RegExp(BODY);
const HEADER_NAMES = new RegExp(HEADER);
const HEADER_LINES = new RegExp(`${HEADER.replace(/\$$/, '')}:`, 'im');
const JSON_TYPE = /^content-type:\s*application\/[\w.+-]*json/im;
const HOST_LINE = /^host:\s*(\S+)/im;
const ENCODED = /^content-encoding:/im;

export function isCallPath(path: string, method = 'POST'): boolean {
  const query = path.indexOf('?');
  const end = query < 0 ? path.length : query;
  return PATHS[method]?.test(path.slice(0, path[end - 1] === '/' ? end - 1 : end)) === true;
}

/** What a head says where its path said nothing. `body`: ask the body. */
export interface HeadFacts {
  readonly method: string;
  readonly host: string | undefined;
  readonly namedByHeader: boolean;
  /** JSON, and readable as it is. */
  readonly json: boolean;
}

export function lookAtHead({ method, host, namedByHeader, json }: HeadFacts): 'call' | 'body' | 'other' {
  if (namedByHeader) return 'call';
  // A result is fetched and a socket opened by a known path; an unknown one is no model's.
  if (method !== 'POST') return 'other';
  const name = host?.toLowerCase().replace(/:\d+$/, '') ?? '';
  if (HOSTS.test(name)) return 'call';
  return json && !CLOSED_HOSTS.test(name) ? 'body' : 'other';
}

export const isCallHeader = (name: string) => HEADER_NAMES.test(name);

/** A body from its first byte on, as latin-1. `undefined`: so far it cannot be told, more of it is needed. */
export function isCallBody(text: string): boolean | undefined {
  // The size of the first chunk, where the body is sent in chunks.
  const first = /^(?:[0-9a-f]{1,8}\r\n)?\s*(\S?)/i.exec(text)?.[1];
  if (first !== '' && first !== '{' && first !== '[') return false;
  if (BODIES.test(text)) return true;
  return text.length < BODY_LOOK ? undefined : false;
}

/** `call`: hand it over. `body`: its body has to say, of which this is the beginning. `other`: a request, but no call. */
export interface Look {
  readonly is: 'call' | 'body' | 'other';
  readonly body?: string;
}
const CALL: Look = { is: 'call' };
const OTHER: Look = { is: 'other' };

/** What is written to a connection. @returns undefined where no request begins. */
export function lookAtRequest(data: unknown): Look | undefined {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) return undefined;
  const method = METHODS[(typeof data === 'string' ? data.charCodeAt(0) : data[0]) as number];
  if (method === undefined) return undefined;
  const start = method.length + 1;
  if (slice(data, 0, start) !== `${method} `) return undefined;
  const text = upTo(data, ' HTTP/1.', LINE_LOOK);
  const end = text.indexOf(' ', start);
  if (end < 0 || !text.startsWith(' HTTP/1.', end)) return undefined;
  return isCallPath(text.slice(start, end), method) ? CALL : lookFurther(method, data);
}

function lookFurther(method: string, data: string | Uint8Array): Look {
  const text = upTo(data, HEAD_END, HEAD_LOOK);
  const over = text.indexOf(HEAD_END);
  const head = over < 0 ? text : text.slice(0, over);
  const is = lookAtHead({
    method,
    host: HOST_LINE.exec(head)?.[1],
    namedByHeader: HEADER_LINES.test(head),
    json: over > 0 && isPlainJson(head),
  });
  if (is !== 'body') return is === 'call' ? CALL : OTHER;
  const body = slice(data, over + HEAD_END.length, BODY_LOOK);
  const verdict = isCallBody(body);
  if (verdict === undefined) return { is, body };
  return verdict ? CALL : OTHER;
}

/** Of lines `name: value`. */
export const isPlainJson = (head: string) => JSON_TYPE.test(head) && !ENCODED.test(head);

/** The beginning, in which `mark` is if it is among the first `most` bytes; what does not hold it is read in two steps. */
function upTo(data: string | Uint8Array, mark: string, most: number): string {
  const short = slice(data, 0, SHORT_LOOK);
  return short.includes(mark) || data.length <= SHORT_LOOK ? short : slice(data, 0, most);
}

/** An answer that only asks for the body, or says that it takes time: the real one comes later. */
export function isInterimAnswer(data: unknown): boolean {
  return typeof data === 'string' || data instanceof Uint8Array ? slice(data, 0, 10) === 'HTTP/1.1 1' : false;
}

/**
 * Whether the first bytes of a connection are those of an HTTP client. What speaks something else may carry text that looks
 * like a request (a log that is kept in Redis). SOCKS (its version comes first) and a request in pieces may still be HTTP.
 */
export function speaksHttp(data: unknown): boolean {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) return true;
  const text = upTo(data, '\n', LINE_LOOK);
  const line = text.indexOf('\n');
  if (/^[\x04\x05]/.test(text)) return true;
  return line < 0 ? /^[A-Z-]+( |$)/.test(text) : /^[A-Z-]+ \S+ HTTP\/\d/.test(text.slice(0, line));
}

/** Whether it begins as `head`, a text of latin-1, does. */
export const beginsAs = (data: unknown, head: string): boolean =>
  (typeof data === 'string' || data instanceof Uint8Array) && slice(data, 0, head.length) === head;

function slice(data: string | Uint8Array, from: number, length: number): string {
  if (typeof data === 'string') return data.slice(from, from + length);
  const { buffer, byteOffset, byteLength } = data;
  const start = Math.min(from, byteLength);
  return Buffer.from(buffer, byteOffset + start, Math.min(length, byteLength - start)).toString('latin1');
}

/** More of a body; enough of it is kept to look at. */
export function moreOfBody(body: string, data: unknown, encoding: BufferEncoding | undefined): string {
  const rest = BODY_LOOK - body.length;
  if (rest <= 0) return body;
  if (data instanceof Uint8Array) return body + slice(data, 0, rest);
  return body + Buffer.from(String(data).slice(0, rest), encoding).toString('latin1');
}
