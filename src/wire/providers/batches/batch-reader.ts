/**
 * A GET that may fetch the results of a batch: lines of JSON, or one document with a list. Most files are no such results;
 * what the first bytes or lines show to be something else is passed over.
 */
import type {
  ConnectionFacts,
  ExchangeListener,
  PartialReason,
  RequestHead,
  ResponseHead,
  UnixNanos,
} from '../../exchange.js';
import { type ContentDecoder, createContentDecoder } from '../../protocol/encoding.js';
import { callFacts } from '../call-facts.js';
import { CallTimes } from '../call-times.js';
import { CONNECTION_CLOSED } from '../errors.js';
import type { Framing, StreamEvent } from '../framing.js';
import { type Chosen, FramingChoice } from '../framing-choice.js';
import { JsonDocument, type JsonLimits } from '../json/document.js';
import { fields } from '../json/fields.js';
import type { ReaderOptions } from '../reader-options.js';
import { pathOf, queryOf } from '../recognize/target.js';
import { documentFields, resultList, resultOf } from './results.js';
import { BatchSum } from './sum.js';

/** Lines that are read before it is sure that none is a result. */
const FIRST_LINES = 16;

/** A document with a list is held whole up to here, as a line is. */
const DOCUMENT: JsonLimits = { whole: 16 * 1024 * 1024, picked: 16 * 1024 * 1024 };

export class BatchReader implements ExchangeListener {
  readonly #options: ReaderOptions;
  readonly #head: RequestHead;
  readonly #connection: ConnectionFacts;
  readonly #sum: BatchSum;
  readonly #times = new CallTimes();
  readonly #partial = new Set<PartialReason>();
  #status: number | undefined;
  #decoder: ContentDecoder | undefined;
  #choice: FramingChoice | undefined;
  #framing: Framing | undefined;
  #document: JsonDocument | undefined;
  #lines = 0;

  /** @param provider of a known host */
  constructor(options: ReaderOptions, provider: string | undefined, head: RequestHead, connection: ConnectionFacts) {
    this.#options = options;
    this.#head = head;
    this.#connection = connection;
    const { content, contentLimit } = options;
    const heads = { request: head, path: pathOf(head.path), query: queryOf(head.path), responseHeaders: {} };
    this.#sum = new BatchSum({ content, contentLimit, heads, provider });
  }

  requestHead(_head: RequestHead, at: UnixNanos): void {
    this.#times.start(at);
  }

  responseHead({ status, headers }: ResponseHead): void {
    this.#status = status === 0 ? undefined : status;
    // A file that is not there yet, or not any more, is no call.
    if (status >= 300) return;
    this.#decoder = createContentDecoder(headers['content-encoding']);
    this.#choice = new FramingChoice(headers['content-type'] ?? '', { lines: true });
  }

  responseBody(chunk: Uint8Array, at: UnixNanos): void {
    for (const bytes of this.#decoder?.feed(chunk) ?? []) this.#decoded(bytes, at);
  }

  partial(reason: PartialReason): void {
    this.#partial.add(reason);
  }

  end(at: UnixNanos): void {
    this.#times.end(at);
    for (const bytes of this.#decoder?.end() ?? []) this.#decoded(bytes, at);
    if (this.#choice !== undefined) this.#chosen(this.#choice.end());
    if (this.#framing !== undefined) this.#read(this.#framing.end());
    if (this.#document !== undefined) this.#readDocument(this.#document.end().value);
    if (this.#sum.size > 0 && this.#sum.certain) this.#tell();
  }

  #decoded(bytes: Uint8Array, at: UnixNanos): void {
    if (this.#choice !== undefined) this.#chosen(this.#choice.feed(bytes, at));
    else if (this.#framing !== undefined) this.#read(this.#framing.feed(bytes));
    else this.#document?.feed(bytes);
  }

  #chosen(chosen: Chosen | undefined): void {
    if (chosen === undefined) return;
    this.#choice = undefined;
    this.#framing = chosen.framing;
    if (chosen.framing === undefined) {
      if (!isObject(chosen.held ?? chosen.pieces[0]?.[0])) return this.#giveUp();
      this.#document = new JsonDocument(documentFields(this.#options.content), DOCUMENT);
      if (chosen.held !== undefined) this.#document.adopt(chosen.held);
    }
    for (const [bytes, at] of chosen.pieces) this.#decoded(bytes, at);
  }

  #read(lines: readonly StreamEvent[]): void {
    for (const { data } of lines) {
      this.#lines++;
      const result = resultOf(data);
      if (result !== undefined) this.#sum.add(result);
      // A list may be written in one line.
      else if (this.#lines === 1) this.#readDocument(data);
    }
    if (this.#lines >= FIRST_LINES && this.#sum.size === 0) this.#giveUp();
  }

  #readDocument(value: unknown): void {
    const document = fields(value);
    const single = resultOf(document);
    if (single !== undefined) return this.#sum.add(single);
    const list = resultList(document);
    if (list === undefined) return;
    this.#sum.model = list.model;
    for (const each of list.results) {
      const result = resultOf(each);
      if (result !== undefined) this.#sum.add(result);
    }
  }

  #giveUp(): void {
    this.#decoder = undefined;
    this.#framing = undefined;
    this.#document = undefined;
  }

  /** What of it was not told before: the results of a batch do not change, nor does their order. */
  #tell(): void {
    const { later, newId, onCall } = this.#options;
    const { host, path, headers } = this.#head;
    const fetched = { path, range: headers.range };
    // OpenRouter has them in the batch itself, too.
    const whole = { path: pathOf(path).replace(/\/results$/, ''), range: undefined };
    const told = Math.max(later.toldOf(host, fetched), later.toldOf(host, whole));
    later.tell(host, fetched, this.#sum.size);
    const { truncated: cutLine = false } = this.#framing?.decoder ?? {};
    if (this.#sum.truncated || cutLine || this.#document?.truncated) this.#partial.add('truncated');
    if (this.#decoder?.damaged) this.#partial.add('encoding');
    const isBroken = this.#partial.size === 1 && this.#partial.has('aborted');
    for (const call of this.#sum.calls(told)) {
      const facts = callFacts({
        id: newId(),
        connection: this.#connection,
        head: this.#head,
        status: this.#status,
        times: this.#times,
        partial: this.#partial,
      });
      if (isBroken) call.error ??= { type: CONNECTION_CLOSED };
      onCall(Object.assign(call, facts));
    }
  }

  requestBody(): void {}
  requestEnd(): void {}
  message(): void {}
}

/** Whether bytes begin a JSON object; a picture, a text or a table is passed over. */
function isObject(bytes: Uint8Array | undefined): boolean {
  const start = Buffer.from(bytes?.subarray(0, 64) ?? []).toString('latin1');
  return /^(?:\xef\xbb\xbf)?\s*\{/.test(start);
}
