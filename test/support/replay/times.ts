/** What the server's clock says of a call, against what its span says. Milliseconds, span minus server. */
import type { Replayed } from './replay-run.js';

export interface TimeDifferences {
  readonly duration: number[];
  readonly firstChunk: number[];
}

/**
 * First event of a stream that carries something of the model, in the two formats whose streams begin with events that
 * carry nothing: a role, or a block that opens.
 */
const CARRIES: readonly (readonly [path: RegExp, event: RegExp])[] = [
  [/\/chat\/completions(\?|$)/, /"(content|reasoning|reasoning_content|refusal|arguments|name)":\s*"[^"]/],
  [/\/v1\/messages(\?|$)/, /"type":\s*"content_block_delta"/],
];

export function timeDifferences(calls: readonly Replayed[]): TimeDifferences {
  const duration: number[] = [];
  const firstChunk: number[] = [];
  for (const { served, spans, answer, job } of calls) {
    const [span] = spans;
    if (served === undefined || span === undefined || spans.length > 1) continue;
    duration.push(milliseconds(span.end - span.start - (served.ended - served.received)));
    const seconds = span.attributes['gen_ai.response.time_to_first_chunk'];
    const carries = CARRIES.find(([path]) => path.test(job.exchange.path ?? ''))?.[1];
    if (typeof seconds !== 'number' || carries === undefined || !answer.streamed) continue;
    const index = answer.chunks.findIndex(({ data }) => carries.test(Buffer.from(data, 'base64').toString()));
    const written = served.written[index];
    if (written !== undefined) firstChunk.push(seconds * 1e3 - milliseconds(written - served.received));
  }
  return { duration, firstChunk };
}

const milliseconds = (nanoseconds: bigint) => Number(nanoseconds) / 1e6;

/** `median 0.9, 95 % 2.1, largest 7.3 ms of 240` */
export function distribution(values: readonly number[]): string {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1);
  return `median ${at(0.5)}, 95 % ${at(0.95)}, largest ${at(1)} ms of ${sorted.length}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
