/**
 * A response body as it arrives: content decoding, then the framing that the headers or the first bytes name, then the
 * format's own reader. A whole document is read at its end, a stream event by event.
 */
import type { UnixNanos } from '../exchange.js';
import { type ContentDecoder, createContentDecoder } from '../protocol/encoding.js';
import type { CallDraft } from './call-draft.js';
import { readError } from './errors.js';
import type { Format, Heads, StreamReader } from './format.js';
import type { Framing, StreamEvent } from './framing.js';
import { type Chosen, FramingChoice } from './framing-choice.js';
import { JsonDocument, type JsonLimits } from './json/document.js';
import { fields } from './json/fields.js';

/** Sees the times of a stream's events. */
export interface ChunkClock {
  tick(at: UnixNanos, output: boolean): void;
}

export class ResponseBody {
  readonly #draft: CallDraft;
  readonly #format: Format;
  readonly #heads: Heads;
  readonly #clock: ChunkClock;
  readonly #limits: JsonLimits;
  readonly #decoder: ContentDecoder;
  /** Until the first bytes have told how the body is framed. */
  #choice: FramingChoice | undefined;
  #framing: Framing | undefined;
  #document: JsonDocument | undefined;
  #reader: StreamReader | undefined;
  #sawSentinel = false;

  constructor(options: { draft: CallDraft; format: Format; heads: Heads; clock: ChunkClock; limits: JsonLimits }) {
    this.#draft = options.draft;
    this.#format = options.format;
    this.#heads = options.heads;
    this.#clock = options.clock;
    this.#limits = options.limits;
    const { responseHeaders } = options.heads;
    this.#decoder = createContentDecoder(responseHeaders['content-encoding']);
    if (this.#format.openStream !== undefined)
      this.#choice = new FramingChoice(responseHeaders['content-type'] ?? '', this.#format);
  }

  get truncated(): boolean {
    return (
      this.#decoder.truncated || (this.#framing?.decoder.truncated ?? false) || (this.#document?.truncated ?? false)
    );
  }

  get damaged(): boolean {
    return this.#decoder.damaged;
  }

  /** The answer is a stream, and it did not say that it is over. An empty one has not even begun. */
  get brokenOff(): boolean {
    if (this.#reader === undefined) return this.#isEmptyStream();
    return !this.#reader.complete && !this.#sawSentinel;
  }

  /** The stream said that it is over. */
  get ended(): boolean {
    return this.#reader !== undefined && !this.brokenOff;
  }

  /** It is over, and nothing that tells of the call can follow; `[DONE]` is the last word of all. */
  get whole(): boolean {
    const { countsFollow, usage } = this.#draft;
    return this.ended && (this.#sawSentinel || !countsFollow || usage.outputTokens !== undefined);
  }

  feed(bytes: Uint8Array, at: UnixNanos): void {
    for (const chunk of this.#decoder.feed(bytes)) this.#decoded(chunk, at);
  }

  end(at: UnixNanos): void {
    for (const chunk of this.#decoder.end()) this.#decoded(chunk, at);
    if (this.#choice !== undefined) this.#chosen(this.#choice.end());
    if (this.#framing !== undefined) this.#events(this.#framing.end(), at);
    this.#reader?.end?.();
    if (this.#document !== undefined) this.#readDocument(this.#document);
  }

  #decoded(chunk: Uint8Array, at: UnixNanos): void {
    if (chunk.length === 0) return;
    if (this.#choice !== undefined) this.#chosen(this.#choice.feed(chunk, at));
    else this.#framed(chunk, at);
  }

  #chosen(chosen: Chosen | undefined): void {
    if (chosen === undefined) return;
    this.#choice = undefined;
    this.#framing = chosen.framing;
    if (this.#framing !== undefined) this.#reader = this.#format.openStream!(this.#draft, this.#heads);
    if (chosen.held !== undefined) this.#opened().adopt(chosen.held);
    for (const [bytes, at] of chosen.pieces) this.#framed(bytes, at);
  }

  #opened(): JsonDocument {
    this.#document ??= new JsonDocument(this.#format.responseFields(this.#draft.room.enabled), this.#limits);
    return this.#document;
  }

  #framed(bytes: Uint8Array, at: UnixNanos): void {
    if (this.#framing !== undefined) return this.#events(this.#framing.feed(bytes), at);
    this.#opened().feed(bytes);
  }

  #isEmptyStream(): boolean {
    const { response, responseHeaders } = this.#heads;
    const isStream =
      this.#draft.request.stream === true || responseHeaders['content-type']?.includes('event-stream') === true;
    return this.#choice !== undefined && this.#document === undefined && response?.status === 200 && isStream;
  }

  #events(events: readonly StreamEvent[], at: UnixNanos): void {
    for (const event of events) {
      if (event.sentinel) this.#sawSentinel = true;
      else this.#clock.tick(at, this.#reader!.event(fields(event.data), event.name));
    }
  }

  #readDocument(document: JsonDocument): void {
    const { value } = document.end();
    const status = this.#heads.response?.status ?? 0;
    if (status >= 400) readError(value, this.#draft, status, this.#heads.responseHeaders);
    if (status < 400 && Array.isArray(value) && this.#format.readArray !== undefined)
      return this.#format.readArray(value, this.#draft);
    // Gemini's array mode, asked for without a stream's path, wraps one whole answer.
    const body = fields(Array.isArray(value) ? value[0] : value);
    if (status < 400) this.#format.readResponse(body, this.#draft, this.#heads);
  }
}
