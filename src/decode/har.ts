/**
 * Entries of an HTTP archive, one by one: `log.entries` may be larger than the memory, so it is cut out while it is read.
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */
import type { Exchange, HeaderFields } from '../wire/exchange.js';
import { createJsonArrayDecoder } from '../wire/protocol/index.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Texts of the entries. Finds the member `entries` of the second level; strings before it may hold anything. */
export async function* readHarEntries(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = createJsonArrayDecoder();
  const finder = createEntriesFinder();
  let found = false;
  for await (const chunk of bytes) {
    const at = found ? 0 : finder(chunk);
    if (at < 0) continue;
    found = true;
    yield* decoder.feed(chunk.subarray(at));
  }
  yield* decoder.end();
}

/** @returns for each chunk in order the position of the array's bracket, or -1 while it has not come */
function createEntriesFinder(): (chunk: Buffer) => number {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let word = '';
  let atEntries = false;
  return chunk => {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          atEntries = depth === 2 && word === 'entries';
        } else if (word.length < 16) word += String.fromCharCode(byte);
      } else if (byte === QUOTE) {
        inString = true;
        word = '';
      } else if (byte === 0x5b || byte === 0x7b) {
        if (byte === 0x5b && atEntries) return at;
        depth++;
        atEntries = false;
      } else if (byte === 0x5d || byte === 0x7d) depth--;
      else if (byte === 0x2c) atEntries = false;
    }
    return -1;
  };
}

interface HarMessage {
  method?: string;
  url?: string;
  status?: number;
  headers?: { name: string; value: string }[];
  postData?: { text?: string; encoding?: string };
  content?: { text?: string; encoding?: string };
}

interface HarEntry {
  startedDateTime?: string;
  time?: number;
  timings?: { blocked?: number; dns?: number; connect?: number; send?: number; wait?: number };
  request?: HarMessage;
  response?: HarMessage;
}

/** @throws Error whose message names the member that is missing */
export function parseHarEntry(text: string, id: string): Exchange {
  const entry = JSON.parse(text) as HarEntry;
  const { request, response } = entry;
  if (request?.url === undefined) throw new Error('"request.url" is missing');
  const url = new URL(request.url);
  const requestHeaders = fieldsOf(request);
  const requestBody = bytesOf(request.postData);
  const responseBody = bytesOf(response?.content);
  return {
    id,
    role: 'client',
    protocol: 'http/1.1',
    host: requestHeaders.host ?? requestHeaders[':authority'] ?? url.host,
    method: request.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    // Archives hold bodies as they were after content-decoding, whatever the headers say.
    requestHeaders: plain(requestHeaders),
    responseHeaders: plain(fieldsOf(response)),
    partial: [],
    ...(requestBody === undefined ? {} : { requestBody }),
    ...(responseBody === undefined ? {} : { responseBody }),
    // 0 stands for an answer that never came.
    ...(response?.status ? { status: response.status } : {}),
    ...timesOf(entry),
  };
}

function fieldsOf(message: HarMessage | undefined): HeaderFields {
  const fields: Record<string, string> = {};
  for (const { name, value } of message?.headers ?? []) {
    const key = name.toLowerCase();
    fields[key] = fields[key] === undefined ? value : `${fields[key]}, ${value}`;
  }
  return fields;
}

function plain({ 'content-encoding': _encoding, ...fields }: Readonly<Record<string, string>>): HeaderFields {
  return fields;
}

function bytesOf(body: { text?: string; encoding?: string } | undefined): Buffer | undefined {
  if (body?.text === undefined) return undefined;
  return Buffer.from(body.text, body.encoding === 'base64' ? 'base64' : 'utf8');
}

/** Milliseconds of the archive as Unix nanoseconds. A phase that did not happen is -1. */
function timesOf({ startedDateTime, time, timings }: HarEntry): Pick<Exchange, 'start' | 'firstByte' | 'end'> {
  const started = Date.parse(startedDateTime ?? '');
  if (Number.isNaN(started)) return {};
  const start = BigInt(started) * 1_000_000n;
  const after = (milliseconds: number) => start + BigInt(Math.round(milliseconds * 1e6));
  const phases = [timings?.blocked, timings?.dns, timings?.connect, timings?.send, timings?.wait];
  const untilFirst = phases.reduce<number>((sum, phase) => sum + Math.max(phase ?? 0, 0), 0);
  return {
    start,
    ...(timings?.wait === undefined ? {} : { firstByte: after(untilFirst) }),
    ...(time === undefined || time < 0 ? {} : { end: after(time) }),
  };
}
