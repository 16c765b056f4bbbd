/** Feeds a stream decoder in every way; all ways must give the same events. */
import { expect } from '@jest/globals';
import type { StreamDecoder } from '../../../../src/wire/protocol/index.js';
import { cuts } from '../support.js';

export interface Outcome<T> {
  events: T[];
  truncated: boolean;
  damaged: boolean;
}

export function decodeStream<T>(create: () => StreamDecoder<T>, parts: Iterable<Uint8Array>): Outcome<T> {
  const decoder = create();
  const events: T[] = [];
  for (const part of parts) {
    const copy = Uint8Array.from(part);
    events.push(...decoder.feed(copy));
    copy.fill(0xee);
  }
  events.push(...decoder.end());
  return { events, truncated: decoder.truncated, damaged: decoder.damaged };
}

/** The outcome of the whole input, after every cut of it has given the same. */
export function decodeEveryWay<T>(create: () => StreamDecoder<T>, input: string | Uint8Array): Outcome<T> {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : input;
  const whole = decodeStream(create, [bytes]);
  for (const [name, cut] of cuts(bytes.length)) {
    expect({ name, ...decodeStream(create, cut(bytes, 0)) }).toEqual({ name, ...whole });
  }
  return whole;
}
