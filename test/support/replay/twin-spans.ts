/** One call as two observers told it: all of it must be the same, but for what each can only say of itself. */
import { isDeepStrictEqual } from 'node:util';
import type { FlatSpan } from '../otlp-receiver.js';

/** Measured by each with its own clock, at its own place. */
const TIMES = new Set(['gen_ai.response.time_to_first_chunk']);

/** `name: launch | attach` of each fact that differs. */
export function differences(launch: FlatSpan, attach: FlatSpan): string[] {
  const names = new Set([...Object.keys(launch.attributes), ...Object.keys(attach.attributes)]);
  const facts = [...names]
    .filter(name => !TIMES.has(name))
    .sort()
    .flatMap(name => differing(name, launch.attributes[name], attach.attributes[name]));
  return [
    ...differing('span', launch.name, attach.name),
    ...differing('kind', launch.kind, attach.kind),
    ...differing('status', launch.status, attach.status),
    ...facts,
  ];
}

function differing(name: string, launch: unknown, attach: unknown): string[] {
  return isDeepStrictEqual(launch, attach) ? [] : [`${name}: ${JSON.stringify(launch)} | ${JSON.stringify(attach)}`];
}
