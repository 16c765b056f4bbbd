/**
 * Calls as an HTTP archive, for viewers of network traffic. What is kept is the call, not its HTTP: bodies are the kept
 * messages in the form of the conventions, and an entry says so. Nothing stands in for a path or a header that was not kept.
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */
import { ATTRIBUTE } from '../../calls/genai-attributes.js';
import { isSpanLine, type StoredCall } from '../../store/kept-lines.js';
import type { Reader } from '../../store/reader.js';
import { linesOf } from './lines.js';

const COMMENT =
  'made from a kept call: bodies are its messages in the form of the GenAI conventions; method, scheme, path and headers were not kept';

export async function* harOf(reader: Reader, rows: readonly number[], version: string): AsyncGenerator<string> {
  const creator = JSON.stringify({ name: 'openlit-instrument', version });
  yield `{"log":{"version":"1.2","creator":${creator},"comment":${JSON.stringify(COMMENT)},"entries":[`;
  let separator = '\n';
  for await (const { line } of linesOf(reader, rows)) {
    if (isSpanLine(line) || line.start === undefined) continue;
    yield separator + JSON.stringify(entryOf(line, line.start));
    separator = ',\n';
  }
  yield '\n]}}\n';
}

/** The format wants a number where none is known. */
const UNKNOWN = -1;

function entryOf(line: StoredCall, start: string): object {
  const attributes = line.attributes ?? {};
  const between = (to: string | undefined) => (to === undefined ? undefined : Number(BigInt(to) - BigInt(start)) / 1e6);
  const time = between(line.end);
  const wait = between(line.first_chunk);
  return {
    startedDateTime: new Date(Number(BigInt(start) / 1_000_000n)).toISOString(),
    time: time ?? 0,
    comment: COMMENT,
    request: {
      method: 'POST',
      url: addressOf(attributes),
      httpVersion: '',
      cookies: [],
      headers: [],
      queryString: [],
      headersSize: UNKNOWN,
      bodySize: UNKNOWN,
      postData: { mimeType: 'application/json', text: bodyOf(attributes, isAsked) },
    },
    response: {
      status: attributes[ATTRIBUTE.httpResponseStatusCode] ?? 0,
      statusText: '',
      httpVersion: '',
      cookies: [],
      headers: [],
      content: { size: UNKNOWN, mimeType: 'application/json', text: bodyOf(attributes, name => !isAsked(name)) },
      redirectURL: '',
      headersSize: UNKNOWN,
      bodySize: UNKNOWN,
    },
    cache: {},
    timings: { send: 0, wait: wait ?? time ?? 0, receive: time === undefined || wait === undefined ? 0 : time - wait },
    _id: line.id,
    _trace_id: line.trace_id,
    ...(line.cost === undefined ? {} : { _cost: line.cost }),
    ...(line.partial.length === 0 ? {} : { _partial: line.partial }),
    ...(line.error_message === undefined ? {} : { _error_message: line.error_message }),
  };
}

function addressOf(attributes: Readonly<Record<string, unknown>>): string {
  const [host, port] = [attributes[ATTRIBUTE.serverAddress], attributes[ATTRIBUTE.serverPort]];
  const name = typeof host === 'string' ? (host.includes(':') ? `[${host}]` : host) : 'unknown.invalid';
  return `https://${name}${typeof port === 'number' && port !== 443 ? `:${port}` : ''}/`;
}

const ASKED: ReadonlySet<string> = new Set([
  ATTRIBUTE.systemInstructions,
  ATTRIBUTE.inputMessages,
  ATTRIBUTE.toolDefinitions,
]);
const isAsked = (name: string) =>
  ASKED.has(name) || name.startsWith('gen_ai.request.') || name === ATTRIBUTE.operationName;

/** Messages as structures again: a viewer shows them as a tree. */
function bodyOf(attributes: Readonly<Record<string, unknown>>, wanted: (name: string) => boolean): string {
  const members = Object.entries(attributes).filter(
    ([name]) => name.startsWith('gen_ai.') || name === ATTRIBUTE.errorType,
  );
  return JSON.stringify(
    Object.fromEntries(members.filter(([name]) => wanted(name)).map(([name, value]) => [name, structureOf(value)])),
  );
}

function structureOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
