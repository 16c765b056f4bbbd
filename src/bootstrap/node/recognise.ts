/**
 * The first look at a request, on the program's path: may this be a call of a model? A superset of what `wire/providers`
 * recognises, by the end of the path alone, so that the decoder is loaded by a program that calls models and by hardly any
 * other. The expressions are made from the tables of `wire/providers`, which decide.
 */
import { GET_PATH, PATH } from './lookahead.js';

const BY_METHOD: Readonly<Record<string, RegExp>> = { POST: new RegExp(PATH), GET: new RegExp(GET_PATH) };

export function isCallPath(path: string, method = 'POST'): boolean {
  const query = path.indexOf('?');
  const end = query < 0 ? path.length : query;
  return BY_METHOD[method]?.test(path.slice(0, path[end - 1] === '/' ? end - 1 : end)) === true;
}

/** Bytes that are read of a first chunk: longer paths do not exist among the providers. */
const LOOK = 2_048;
const G = 71;
const P = 80;

/** A request line at the start of what is written: [method, path], or undefined. GET only where it may open a WebSocket. */
export function requestLine(data: unknown): [method: string, path: string] | undefined {
  let text: string;
  if (typeof data === 'string') {
    const first = data.charCodeAt(0);
    if (first !== P && first !== G) return undefined;
    text = data;
  } else {
    if (!(data instanceof Uint8Array) || (data[0] !== P && data[0] !== G)) return undefined;
    text = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, LOOK)).toString('latin1');
  }
  const start = text.startsWith('POST ') ? 5 : text.startsWith('GET ') ? 4 : 0;
  if (start === 0) return undefined;
  const end = text.indexOf(' ', start);
  if (end < 0 || !text.startsWith(' HTTP/1.', end)) return undefined;
  return [text.slice(0, start - 1), text.slice(start, end)];
}
