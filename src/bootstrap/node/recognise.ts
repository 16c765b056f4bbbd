/**
 * The first look at a request, on the program's path: may this be a call of a model? Path and host say so at once, else the
 * first bytes of a JSON body. What passes is handed over; the observer decides. What does not costs a comparison a chunk and,
 * for a POST of JSON, one expression over 4 KiB.
 */
import { BODY, CLOSED_HOST, GET_PATH, HEADER, HOST, PATH } from './lookahead.js';

const BY_METHOD: Readonly<Record<string, RegExp>> = { POST: new RegExp(PATH), GET: new RegExp(GET_PATH) };
const CALL_HOST = new RegExp(HOST);
const OTHER_HOST = new RegExp(CLOSED_HOST);
const CALL_HEADER = new RegExp(`${HEADER.slice(0, -1)}\\s*:`, 'im');
const CALL_BODY = new RegExp(BODY);

/** Bytes of a request that are read for its first line; longer paths do not exist among the providers. */
const LINE_LOOK = 2_048;
/** Bytes of a head that are read where the path says nothing. */
const HEAD_LOOK = 8_192;
/** Bytes of a body that are read. */
export const BODY_LOOK = 4_096;
const G = 71;
const P = 80;
const HEAD_END = '\r\n\r\n';
const JSON_TYPE = /^content-type:\s*application\/[\w.+-]*json/im;
const HOST_FIELD = /^host:\s*([^\s:]+|\[[^\]]*\])/im;
const ENCODED = /^content-encoding:/im;

export function isCallPath(path: string, method = 'POST'): boolean {
  const query = path.indexOf('?');
  const end = query < 0 ? path.length : query;
  return BY_METHOD[method]?.test(path.slice(0, path[end - 1] === '/' ? end - 1 : end)) === true;
}

export const isCallHost = (host: string) => CALL_HOST.test(host.toLowerCase());

/** A body from its first byte on, as latin-1. `undefined`: so far it cannot be told, more of it is needed. */
export function isCallBody(text: string): boolean | undefined {
  // The size of the first chunk, where the body is sent in chunks.
  const chunked = /^[0-9a-f]{1,8}\r\n/i.exec(text);
  const body = chunked === null ? text : text.slice(chunked[0].length);
  const start = body.trimStart()[0];
  if (start === undefined) return body.length < BODY_LOOK ? undefined : false;
  if (start !== '{' && start !== '[') return false;
  if (CALL_BODY.test(body.slice(0, BODY_LOOK))) return true;
  return body.length < BODY_LOOK ? undefined : false;
}

/** `begin`: of a request. `call`: hand it over. `body`: its body has to say, of which this is the beginning. */
export interface Look {
  readonly is: 'begin' | 'call' | 'body';
  readonly body?: string;
}

function slice(data: string | Uint8Array, from: number, length: number): string {
  if (typeof data === 'string') return data.slice(from, from + length);
  const { buffer, byteOffset, byteLength } = data;
  const start = Math.min(from, byteLength);
  return Buffer.from(buffer, byteOffset + start, Math.min(length, byteLength - start)).toString('latin1');
}

/** What is written to a connection. @returns undefined where no request begins. */
export function lookAtRequest(data: unknown): Look | undefined {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) return undefined;
  const first = typeof data === 'string' ? data.charCodeAt(0) : data[0];
  if (first !== P && first !== G) return undefined;
  const text = slice(data, 0, LINE_LOOK);
  const start = text.startsWith('POST ') ? 5 : text.startsWith('GET ') ? 4 : 0;
  if (start === 0) return undefined;
  const end = text.indexOf(' ', start);
  if (end < 0 || !text.startsWith(' HTTP/1.', end)) return undefined;
  if (isCallPath(text.slice(start, end), start === 4 ? 'GET' : 'POST')) return { is: 'call' };
  // Other results are fetched and other sockets opened by GET than a model's.
  return start === 4 ? { is: 'begin' } : lookFurther(data);
}

function lookFurther(data: string | Uint8Array): Look {
  const text = slice(data, 0, HEAD_LOOK);
  const over = text.indexOf(HEAD_END);
  const head = over < 0 ? text : text.slice(0, over);
  const host = HOST_FIELD.exec(head)?.[1];
  if ((host !== undefined && isCallHost(host)) || CALL_HEADER.test(head)) return { is: 'call' };
  if (host !== undefined && OTHER_HOST.test(host.toLowerCase())) return { is: 'begin' };
  if (over < 0 || !isPlainJson(head)) return { is: 'begin' };
  return lookAtBody(slice(data, over + HEAD_END.length, BODY_LOOK));
}

export const isPlainJson = (head: string) => JSON_TYPE.test(head) && !ENCODED.test(head);

function lookAtBody(body: string): Look {
  const verdict = isCallBody(body);
  if (verdict === undefined) return { is: 'body', body };
  return { is: verdict ? 'call' : 'begin' };
}

/** More of a body; enough of it is kept to look at. */
export function moreOfBody(body: string, data: unknown, encoding: BufferEncoding | undefined): string {
  const rest = BODY_LOOK - body.length;
  if (rest <= 0) return body;
  if (data instanceof Uint8Array) return body + slice(data, 0, rest);
  return body + Buffer.from(String(data).slice(0, rest), encoding).toString('latin1');
}
