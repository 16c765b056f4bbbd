/**
 * `decode` from bytes to lines: whatever the input is, its exchanges go through the same decoder as those of attach and of
 * the hook, and each gives one line, also where it is no call.
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { cleanCall } from '../calls/clean.js';
import type { ContentPolicy } from '../calls/content.js';
import type { Cost } from '../calls/cost.js';
import { Problem } from '../errors.js';
import { type CallLine, callLine, noCallLine } from '../telemetry/call-line.js';
import type { RenderOptions } from '../telemetry/render.js';
import type { ExchangeListener, OpenExchange } from '../wire/exchange.js';
import { parseExchangeLine } from '../wire/exchange-json.js';
import { replayExchange } from '../wire/exchange-replay.js';
import type { Call, LlmCall } from '../wire/llm-call.js';
import { createCallDecoder, LaterResults } from '../wire/providers/index.js';
import { readBeside } from './beside.js';
import { readHarEntries } from './har.js';
import { parseHarEntry } from './har-entry.js';
import { type Input, inputProblem } from './input.js';
import { keptCall } from './kept-run.js';
import { replayRecording } from './recording.js';

export interface DecodeOptions {
  /** For errors. */
  readonly name: string;
  readonly render: Omit<RenderOptions, 'cost' | 'content'> & { readonly content: ContentPolicy };
  readonly costOf: (call: LlmCall) => Cost | undefined;
  readonly onLine: (line: CallLine) => void | Promise<void>;
  /** One broken unit; the rest of the input is read all the same. */
  readonly onError: (problem: Problem) => void;
}

/** What the exchanges of one input share. */
interface Run extends DecodeOptions {
  readonly later: LaterResults;
}

export async function decodeInput(input: Input, given: DecodeOptions): Promise<void> {
  const options: Run = { ...given, later: new LaterResults() };
  try {
    if (input.kind === 'recording') await decodeRecording(input, options);
    else if (input.kind === 'har') await decodeHar(input, options);
    else if (input.kind === 'run') await printRun(input, options);
    else await decodeExchanges(input, options);
  } catch (error) {
    throw error instanceof Problem ? error : inputProblem(options.name, error);
  }
}

async function decodeExchanges(input: Input, options: Run): Promise<void> {
  const lines = createInterface({ input: Readable.from(input.bytes), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    await decodeOne(options, `line ${number}`, open => {
      const exchange = parseExchangeLine(number === 1 ? line.replace(/^\uFEFF/, '') : line, number);
      replayExchange(exchange, open(exchange.id));
    });
  }
}

async function printRun(input: Input, options: Run): Promise<void> {
  const withContent = options.render.content.capture !== 'off';
  const lines = createInterface({ input: Readable.from(input.bytes), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    try {
      const line = keptCall(text, withContent);
      if (line !== undefined) await options.onLine(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      options.onError(leftOut(options, `line ${number}`, wordsFor(error, error.message)));
    }
  }
}

function leftOut({ name }: Run, place: string, reason: string): Problem {
  return new Problem({ code: 'EXCHANGE', message: `${name}, ${place} is left out`, reason });
}

async function decodeHar(input: Input, options: Run): Promise<void> {
  let number = 0;
  for await (const entry of readHarEntries(input.bytes)) {
    const place = `entry ${++number}`;
    await decodeOne(options, place, async open => {
      const read = (file: string) => readBeside(input.folder, file);
      const { exchange, problems } = await parseHarEntry(entry, `${number}`, read);
      for (const reason of problems)
        options.onError(new Problem({ code: 'HAR_BODY', message: `${options.name}, ${place} is not whole`, reason }));
      replayExchange(exchange, open(exchange.id));
    });
  }
}

async function decodeRecording(input: Input, options: Run): Promise<void> {
  let number = 0;
  const lines: CallLine[] = [];
  // Lines gather while a chunk is replayed; they are small beside the records that gave them.
  const open: OpenExchange = (...head) => opener(`${++number}`, options, line => lines.push(line))(...head);
  const drained = async function* () {
    for await (const chunk of input.bytes) {
      yield chunk;
      for (const line of lines.splice(0)) await options.onLine(line);
    }
  };
  await replayRecording(drained(), open);
  for (const line of lines) await options.onLine(line);
}

/** One unit of the input; an error in it is reported with its place and ends nothing else. */
async function decodeOne(
  options: Run,
  place: string,
  replay: (open: (id: string) => OpenExchange) => void | Promise<void>,
): Promise<void> {
  const lines: CallLine[] = [];
  try {
    await replay(id => opener(id, options, line => lines.push(line)));
  } catch (error) {
    // Errors of the exchange reader name their line already.
    const reason = (error as Error).message.replace(/^line \d+: /, '');
    options.onError(leftOut(options, place, wordsFor(error, reason)));
  }
  for (const line of lines) await options.onLine(line);
}

function wordsFor(error: unknown, reason: string): string {
  return error instanceof SyntaxError ? 'it is not JSON' : reason;
}

/** A decoder for one exchange that writes a line in every case: its calls, or that it is none. */
function opener(id: string, options: Run, write: (line: CallLine) => void): OpenExchange {
  let calls = 0;
  const inner = createCallDecoder({
    content: options.render.content.capture !== 'off',
    later: options.later,
    // A WebSocket may hold several calls.
    newId: () => (++calls === 1 ? id : `${id}#${calls}`),
    onCall: call => write(render(call, options)),
  });
  return (head, facts, at) => {
    const listener = inner(head, facts, at);
    if (listener !== undefined) {
      return afterEnd(listener, () => {
        if (calls === 0) write(noCallLine(id));
      });
    }
    write(noCallLine(id));
    return undefined;
  };
}

function render(call: Call, { render: options, costOf }: DecodeOptions): CallLine {
  const cost = call.kind === 'llm' ? costOf(call) : undefined;
  return callLine(cleanCall(call, options.content), cost === undefined ? options : { ...options, cost });
}

function afterEnd(listener: ExchangeListener, ended: () => void): ExchangeListener {
  return {
    requestHead: (...facts) => listener.requestHead(...facts),
    requestBody: (...facts) => listener.requestBody(...facts),
    requestEnd: (...facts) => listener.requestEnd(...facts),
    responseHead: (...facts) => listener.responseHead(...facts),
    responseTrailers: headers => listener.responseTrailers?.(headers),
    responseBody: (...facts) => listener.responseBody(...facts),
    message: (...facts) => listener.message(...facts),
    partial: reason => listener.partial(reason),
    end: at => {
      listener.end(at);
      ended();
    },
  };
}
