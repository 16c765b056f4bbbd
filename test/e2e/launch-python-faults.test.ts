/**
 * The faults of OpenLIT's Python SDK that we mend, each shown in the bare SDK and absent with us. When a new SDK no longer
 * has one, its test fails here, and the mend can go.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bench } from '../support/observed.js';
import type { FlatSpan } from '../support/otlp-receiver.js';
import { anyPython, environment, pythonWithSdk } from '../support/python-environments.js';
import { openPythonBench } from '../support/python-observed.js';

let bench: Bench;
const spans: Record<'bare' | 'ours', Record<string, FlatSpan[]>> = { bare: {}, ours: {} };

/** One run: spans come in the order of the calls. The step without a span of its own has a run of its own. */
const RUNS = [['chat', 'stream_without_usage', 'responses', 'embeddings', 'tools', 'error'], ['stream_left']];

beforeAll(async () => {
  const sdk = await environment('openlit', await anyPython());
  const clients = await pythonWithSdk('clients');
  bench = await openPythonBench();
  for (const steps of RUNS) {
    bench.receiver.clear();
    await bench.bare([sdk, 'bare_sdk.py', 'openai_steps.py', 'sync', ...steps], {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: bench.receiver.url,
        OPENLIT_DISABLED_INSTRUMENTORS: 'httpx,requests,urllib,urllib3',
        OPENLIT_PRICING_JSON: '/dev/null',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      },
    });
    const bare = bench.receiver.spans.filter(span => span.attributes['gen_ai.operation.name'] !== undefined);
    const ours = (await bench.observed([clients, 'openai_steps.py', 'sync', ...steps])).spans;
    const expected = steps.length === 1 ? [0, 1] : [steps.length, steps.length];
    expect([bare.length, ours.length]).toEqual(expected);
    for (const [index, step] of steps.entries()) {
      spans.bare[step] = bare.slice(index, index + 1);
      spans.ours[step] = ours.slice(index, index + 1);
    }
  }
}, 900_000);
afterAll(() => bench?.close());

type Fault = [what: string, step: string, shows: (span: FlatSpan) => boolean];

const has = (name: string) => (span: FlatSpan) => span.attributes[name] !== undefined;
const FAULTS: Fault[] = [
  ['top_p that was not sent', 'chat', has('gen_ai.request.top_p')],
  ['penalties that were not sent', 'chat', has('gen_ai.request.frequency_penalty')],
  ['a seed that was not sent', 'chat', has('gen_ai.request.seed')],
  ['an empty user', 'chat', has('gen_ai.request.user')],
  ['time to first token of a call that did not stream', 'chat', has('gen_ai.server.time_to_first_token')],
  ['status OK', 'chat', span => span.status.code === 1],
  ['facts of the resource on the span', 'chat', has('service.name')],
  [
    'no reasoning tokens of chat',
    'chat',
    span => span.attributes['gen_ai.usage.reasoning.output_tokens'] === undefined,
  ],
  ['stream=false is written', 'chat', span => span.attributes['gen_ai.request.stream'] === false],
  ['message content without being asked', 'chat', has('gen_ai.input.messages')],
  ['invented tokens where a stream reports none', 'stream_without_usage', has('gen_ai.usage.input_tokens')],
  ['a service tier that nobody reported', 'stream_without_usage', has('openai.response.service_tier')],
  ['max_tokens -1', 'responses', span => span.attributes['gen_ai.request.max_tokens'] === -1],
  [
    'a status as finish reason',
    'responses',
    span => String(span.attributes['gen_ai.response.finish_reasons']) === 'completed',
  ],
  ['an empty user of embeddings', 'embeddings', has('gen_ai.request.user')],
  ['tool arguments without content', 'tools', has('gen_ai.tool.args')],
  [
    "the exception's class instead of the provider's code",
    'error',
    span => span.attributes['error.type'] === 'AuthenticationError',
  ],
];

describe('faults of the bare SDK', () => {
  test.each(FAULTS)('%s', (_, step, shows) => {
    expect(spans.bare[step]!.map(shows)).toEqual([true]);
    expect(spans.ours[step]!.map(shows)).toEqual([false]);
  });

  test('no span at all for a stream that is left', () => {
    expect(spans.bare['stream_left']).toEqual([]);
    expect(spans.ours['stream_left']?.length).toBe(1);
  });
});
