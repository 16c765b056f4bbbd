/**
 * One entry of an HTTP archive as an exchange. What an archive leaves out is marked: tools keep large and streamed answers
 * out of it, or in files beside it.
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */
import type { Exchange, ExchangeMessage, HeaderFields, PartialReason } from '../wire/exchange.js';

interface HarBody {
  text?: string;
  encoding?: string;
  /** Decoded length; absent or -1 where it is unknown. */
  size?: number;
  /** Playwright's name of a file beside the archive. */
  _file?: string;
  params?: unknown[];
}

interface HarMessage {
  method?: string;
  url?: string;
  status?: number;
  headers?: { name: string; value: string }[];
  postData?: HarBody;
  content?: HarBody;
  bodySize?: number;
  /** Chrome's word for an answer that broke off, or never came. */
  _error?: string | null;
  /** Playwright's. */
  _failureText?: string | null;
  /** Charles'; anything but COMPLETE is a failure. */
  _charlesStatus?: string;
}

/** As Chrome and Playwright write them; times are seconds since 1970. */
interface HarSocketMessage {
  type?: string;
  time?: number;
  opcode?: number;
  data?: string;
}

interface HarEvent {
  eventName?: string;
  eventId?: string;
  data?: string;
}

interface HarEntry {
  startedDateTime?: string;
  time?: number;
  timings?: { blocked?: number; dns?: number; connect?: number; send?: number; wait?: number };
  request?: HarMessage;
  response?: HarMessage;
  _webSocketMessages?: HarSocketMessage[];
  /** Chrome keeps streams as their events, and not always as a text, too. */
  _eventSourceMessages?: HarEvent[];
}

/** Reads a body that lies beside the archive. @throws Error whose message says why it cannot be read */
export type ReadBesides = (file: string) => Promise<Buffer>;

export interface ParsedEntry {
  readonly exchange: Exchange;
  /** Bodies beside the archive that could not be read, and why. */
  readonly problems: readonly string[];
}

/** The page itself wanted no more of it: Chrome, Firefox, WebKit, mitmproxy. */
const LEFT = /^net::ERR_ABORTED$|^NS_BINDING_ABORTED$|cancell?ed$|^client disconnected\.?$/i;

const BINARY_OPCODE = 2;
const TEXT_OPCODE = 1;

/** @throws Error whose message names the member that is missing */
export async function parseHarEntry(text: string, id: string, readBesides: ReadBesides): Promise<ParsedEntry> {
  const entry = JSON.parse(text) as HarEntry;
  const { request, response } = entry;
  if (request?.url === undefined) throw new Error('"request.url" is missing');
  const url = new URL(request.url);
  const requestHeaders = fieldsOf(request);
  const problems: string[] = [];
  const read = async (body: HarBody | undefined) => {
    if (body?.text !== undefined && body._file === undefined) return bytesOf(body.text, body.encoding);
    if (body?._file === undefined) return undefined;
    try {
      return await readBesides(body._file);
    } catch (error) {
      problems.push((error as Error).message);
      return undefined;
    }
  };
  const requestBody = await read(request.postData);
  const stored = await read(response?.content);
  const responseBody = stored ?? eventsOf(entry._eventSourceMessages);
  const messages = entry._webSocketMessages?.flatMap(messageOf);
  const exchange: Exchange = {
    id,
    role: 'client',
    protocol: messages === undefined ? 'http/1.1' : 'websocket',
    host: requestHeaders.host ?? requestHeaders[':authority'] ?? url.host,
    method: request.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    // Archives hold bodies as they were after content-decoding, whatever the headers say.
    requestHeaders: plain(requestHeaders),
    responseHeaders: plain(fieldsOf(response)),
    partial: [
      ...new Set([
        ...(messages === undefined ? lossOfRequest(request, requestBody) : []),
        ...(messages === undefined ? lossOfResponse(request, response, responseBody, stored === undefined) : []),
      ]),
    ],
    ...(requestBody === undefined ? {} : { requestBody }),
    ...(responseBody === undefined ? {} : { responseBody }),
    ...(messages === undefined ? {} : { messages }),
    // 0 stands for an answer that never came.
    ...(response?.status ? { status: response.status } : {}),
    ...timesOf(entry),
  };
  return { exchange, problems };
}

function lossOfRequest({ method, postData, bodySize = 0 }: HarMessage, body: Buffer | undefined): PartialReason[] {
  if (body !== undefined || method === 'GET') return [];
  const had = bodySize > 0 || postData?._file !== undefined || (postData?.params?.length ?? 0) > 0;
  return had ? ['gap'] : [];
}

/** An answer that came must have a body here, as long as it says; only some have none. */
function lossOfResponse(
  { method }: HarMessage,
  response: HarMessage | undefined,
  body: Buffer | undefined,
  isRebuilt: boolean,
): PartialReason[] {
  const status = response?.status ?? 0;
  const failure = response?._error || response?._failureText;
  if (failure) return LEFT.test(failure) ? ['aborted', 'cancelled'] : ['aborted'];
  if (response?._charlesStatus !== undefined && !/^complete$/i.test(response._charlesStatus)) return ['aborted'];
  // Firefox has no word for it: neither for what was blocked nor for what the page left.
  if (status === 0) return ['aborted'];
  if (status < 200 || status === 204 || (status >= 300 && status < 400) || method === 'HEAD') return [];
  const { size = 0, _file } = response?.content ?? {};
  return body === undefined || (!isRebuilt && _file === undefined && body.length < size) ? ['gap'] : [];
}

/** The stream that a browser has taken apart. Events without a name are called `message`. */
function eventsOf(events: readonly HarEvent[] | undefined): Buffer | undefined {
  if (events === undefined || events.length === 0) return undefined;
  const lines = events.map(({ eventName, eventId, data = '' }) => {
    const name = eventName && eventName !== 'message' ? `event: ${eventName}\n` : '';
    return `${name}${eventId ? `id: ${eventId}\n` : ''}data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
  });
  return Buffer.from(lines.join(''));
}

function messageOf({ type, time, opcode, data }: HarSocketMessage): ExchangeMessage[] {
  const binary = opcode === BINARY_OPCODE;
  if (typeof data !== 'string' || (!binary && opcode !== undefined && opcode !== TEXT_OPCODE)) return [];
  return [
    {
      from: type === 'send' ? 'client' : 'server',
      data: bytesOf(data, binary ? 'base64' : undefined),
      binary,
      ...(typeof time === 'number' && time > 0 ? { at: BigInt(Math.round(time * 1e6)) * 1_000n } : {}),
    },
  ];
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

function bytesOf(text: string, encoding: string | undefined): Buffer {
  return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
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
