import type { UnixNanos } from '../exchange.js';
import type { CallFacts } from '../llm-call.js';
import { assign } from './json/fields.js';

/** Chunks whose times are kept: a day's worth of tokens must not fill the memory. */
const CHUNK_LIMIT = 8_192;

/** The times of a call. A time of 0 stands for a source that has none, and is not reported. */
export class CallTimes {
  #start: UnixNanos | undefined;
  #end: UnixNanos | undefined;
  /** First event of any kind, for streams in which the model says nothing. */
  #firstEvent: UnixNanos | undefined;
  #firstOutput: UnixNanos | undefined;
  readonly #chunks: UnixNanos[] = [];

  start(at: UnixNanos): void {
    this.#start = known(at);
  }

  end(at: UnixNanos): void {
    this.#end = known(at);
  }

  /** One event of a streamed answer. Events that carry nothing of the model (role, ping, filter) are no chunks. */
  tick(at: UnixNanos, output: boolean): void {
    const time = known(at);
    if (time === undefined) return;
    this.#firstEvent ??= time;
    if (!output) return;
    if (this.#firstOutput === undefined) this.#firstOutput = time;
    else if (this.#chunks.length < CHUNK_LIMIT) this.#chunks.push(time);
  }

  facts(): Pick<CallFacts, 'start' | 'firstChunk' | 'chunkTimes' | 'end'> {
    const facts: Pick<CallFacts, 'start' | 'firstChunk' | 'chunkTimes' | 'end'> = {};
    assign(facts, {
      start: this.#start,
      end: this.#end,
      firstChunk: this.#firstOutput ?? this.#firstEvent,
      chunkTimes: this.#chunks.length > 0 ? this.#chunks : undefined,
    });
    return facts;
  }
}

function known(at: UnixNanos): UnixNanos | undefined {
  return at === 0n ? undefined : at;
}
