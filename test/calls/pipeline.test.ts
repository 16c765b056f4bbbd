/** From exchanges to consumers: what every consumer is told of each program, and what a fault costs. */
import { describe, expect, test } from '@jest/globals';
import { createPipeline, type Pipeline } from '../../src/calls/pipeline.js';
import type { Consumer, CostOf, RecordedCall, RecordedSpan, Target } from '../../src/calls/recorded-call.js';
import { telemetrySettingsFromEnvironment } from '../../src/telemetry/settings.js';
import type { Exchange } from '../../src/wire/exchange.js';
import { replayExchange } from '../../src/wire/exchange-replay.js';
import type { LlmCall } from '../../src/wire/llm-call.js';
import { CORE, SHAPES } from '../support/planted.js';
import { wireFixtures } from '../support/wire-fixtures.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const OTHER_SPAN = 'c8be7c8270314442';
const FIXTURES = wireFixtures();
const fixture = (name: string): Exchange => FIXTURES.find(one => one.name === name)!.exchange;
const CHAT = fixture('openai/chat');

const NO_COST: CostOf = () => undefined;

interface Told {
  readonly calls: RecordedCall[];
  readonly spans: RecordedSpan[];
  readonly ended: (string | undefined)[];
  readonly notices: string[];
  finished: number;
}

function open(costOf: CostOf = NO_COST, more: readonly Consumer[] = []): { pipeline: Pipeline; told: Told } {
  const told: Told = { calls: [], spans: [], ended: [], notices: [], finished: 0 };
  const consumer: Consumer = {
    call: recorded => told.calls.push(recorded),
    span: recorded => told.spans.push(recorded),
    ended: target => told.ended.push(target.process),
    async finish() {
      told.finished += 1;
    },
  };
  const pipeline = createPipeline({ consumers: [...more, consumer], costOf, notice: line => told.notices.push(line) });
  return { pipeline, told };
}

function targetOf(process: string, env: Record<string, string> = {}, pid?: number): Target {
  return {
    resource: { attributes: { 'service.name': process } },
    settings: telemetrySettingsFromEnvironment(env),
    process,
    ...(pid === undefined ? {} : { pid }),
  };
}

const CONTENT = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both' };
const models = ({ calls }: Told) => calls.map(({ call }) => (call as LlmCall).request.model);

test('a call has its target, its cost, its place in the trace, and whose it is', () => {
  const { pipeline, told } = open(() => ({ amount: 2, currency: 'USD', source: 'computed', priceData: 'p' }));
  const target = targetOf('app', {}, 42);
  const observed = pipeline.open(target);
  replayExchange(CHAT, observed.openFor({ traceId: TRACE, spanId: SPAN, traceFlags: 1 }));
  replayExchange(CHAT, observed.openFor());
  expect(told.calls).toHaveLength(2);
  const [below, alone] = told.calls;
  expect(below).toMatchObject({
    target,
    cost: { amount: 2 },
    identity: { traceId: TRACE, parentSpanId: SPAN, traceFlags: 1 },
    call: { kind: 'llm', pid: 42, process: 'app' },
  });
  expect(alone!.identity).not.toHaveProperty('parentSpanId');
  expect(below!.call.id).not.toBe(alone!.call.id);
});

test('every exchange of the fixtures comes through as the decoder expects it', () => {
  for (const { exchange, expected } of FIXTURES) {
    const { pipeline, told } = open();
    replayExchange(exchange, pipeline.open(targetOf('app')).openFor());
    expect([exchange.id, told.calls.length > 0]).toEqual([exchange.id, expected !== null]);
    expect(told.notices).toEqual([]);
  }
});

describe('settings are those of the target', () => {
  test('content', () => {
    const { pipeline, told } = open();
    for (const env of [{}, CONTENT]) replayExchange(CHAT, pipeline.open(targetOf('app', env)).openFor());
    expect(told.calls.map(({ call }) => 'content' in call)).toEqual([false, true]);
  });

  test('sampling and hosts that are left out', () => {
    const { pipeline, told } = open();
    const off = targetOf('off', { OTEL_TRACES_SAMPLER: 'always_off' });
    const excluded = targetOf('excluded', { OPENLIT_EXCLUDE_ENDPOINTS: 'api.openai.com' });
    for (const target of [off, excluded]) replayExchange(CHAT, pipeline.open(target).openFor());
    expect(told.calls.map(({ target, identity }) => [target.process, identity.traceFlags])).toEqual([['off', 0]]);
  });
});

test('no credential of an exchange is in what consumers get, with content and without', () => {
  for (const env of [{}, CONTENT]) {
    for (const secret of Object.values(SHAPES)) {
      const planted = Buffer.from(
        String(CHAT.requestBody).replace(/"content":\s*"/, `"content":${JSON.stringify(secret).slice(0, -1)} `),
      );
      const { pipeline, told } = open();
      replayExchange({ ...CHAT, requestBody: planted }, pipeline.open(targetOf('app', env)).openFor());
      const text = JSON.stringify(told.calls, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
      expect(told.calls).toHaveLength(1);
      expect([secret, text.includes(CORE)]).toEqual([secret, false]);
    }
  }
});

describe('a fault', () => {
  test('of a price costs that call, and is said once', () => {
    let count = 0;
    const { pipeline, told } = open(() => {
      count += 1;
      if (count < 3) throw new Error('no price');
      return undefined;
    });
    const observed = pipeline.open(targetOf('app'));
    for (let calls = 0; calls < 4; calls += 1) replayExchange(CHAT, observed.openFor());
    expect(told.calls).toHaveLength(2);
    expect(told.notices).toEqual(['a call could not be reported (no price)']);
  });

  test('of a consumer neither reaches the source nor ends the others for the next call', async () => {
    const broken: Consumer = {
      call: () => {
        throw new Error('broken');
      },
      finish: async () => {},
    };
    const { pipeline, told } = open(NO_COST, [broken]);
    const observed = pipeline.open(targetOf('app'));
    replayExchange(CHAT, observed.openFor());
    replayExchange(CHAT, observed.openFor());
    observed.end();
    await pipeline.finish();
    expect(told.notices).toEqual(['a call could not be reported (broken)']);
    expect([told.calls.length, told.ended, told.finished]).toEqual([2, ['app'], 1]);
  });
});

describe("a framework's spans", () => {
  const agent = {
    traceId: TRACE,
    spanId: SPAN,
    name: 'invoke_agent',
    start: 1n,
    end: 9_000_000_000n,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' },
    scope: { name: 'crewai' },
  };

  test('one that stands for a call gives it its place and what only the program knows', async () => {
    const { pipeline, told } = open();
    const observed = pipeline.open(targetOf('app'));
    observed.spanStarted({ traceId: TRACE, spanId: SPAN, name: 'invoke_agent', at: 1n });
    const chat = { traceId: TRACE, spanId: OTHER_SPAN, parentSpanId: SPAN, name: 'chat gpt-4o' };
    observed.spanStarted({ ...chat, at: 2n });
    replayExchange(CHAT, observed.openFor({ traceId: TRACE, spanId: OTHER_SPAN, traceFlags: 1 }));
    const model = 'gpt-4o-mini';
    observed.spanEnded({
      ...chat,
      start: 2n,
      end: 8_000_000_000n,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': model,
        'gen_ai.agent.name': 'planner',
        'gen_ai.usage.input_tokens': 999,
      },
      scope: { name: 'crewai' },
    });
    observed.spanEnded(agent);
    observed.end();
    await pipeline.finish();
    expect(told.calls).toHaveLength(1);
    const [{ identity, extra }] = told.calls as [RecordedCall];
    expect(identity).toMatchObject({ traceId: TRACE, spanId: OTHER_SPAN, parentSpanId: SPAN, traceFlags: 1 });
    expect(extra).toMatchObject({ 'gen_ai.agent.name': 'planner' });
    expect(told.spans.map(({ span }) => [span.name, span.spanId])).toEqual([['invoke_agent', SPAN]]);
    expect(told.ended).toEqual(['app']);
  });

  test('pids come again: the spans of one program are not those of another', async () => {
    const { pipeline, told } = open();
    const first = pipeline.open(targetOf('first', {}, 7));
    const second = pipeline.open(targetOf('second', {}, 7));
    first.spanEnded(agent);
    second.spanEnded({ ...agent, spanId: OTHER_SPAN });
    first.end();
    second.end();
    await pipeline.finish();
    expect(told.spans.map(({ target }) => target.process)).toEqual(['first', 'second']);
  });

  test('a trace that is not sampled has neither', async () => {
    const { pipeline, told } = open();
    const observed = pipeline.open(targetOf('app', { OTEL_TRACES_SAMPLER: 'always_off' }));
    observed.spanEnded(agent);
    replayExchange(CHAT, observed.openFor({ traceId: TRACE, spanId: SPAN, traceFlags: 1 }));
    await pipeline.finish();
    expect(told.spans.map(({ span }) => span.traceFlags)).toEqual([0]);
    expect(told.calls.map(({ identity }) => identity.traceFlags)).toEqual([0]);
  });
});

test('flush is true when nothing is left anywhere, and waits for all', async () => {
  const answers = [true, false];
  const slow = (answer: boolean): Consumer => ({
    call() {},
    flush: async milliseconds => answer && milliseconds === 50,
    finish: async () => {},
  });
  expect(await open(NO_COST, [slow(true)]).pipeline.flush(50)).toBe(true);
  expect(await open(NO_COST, answers.map(slow)).pipeline.flush(50)).toBe(false);
});

test('several programs at once are told apart', () => {
  const { pipeline, told } = open();
  const names = ['a', 'b', 'c'];
  const observed = names.map(name => pipeline.open(targetOf(name)));
  for (const one of [...observed, ...observed]) replayExchange(CHAT, one.openFor());
  expect(told.calls.map(({ target }) => target.process)).toEqual([...names, ...names]);
  expect(new Set(models(told)).size).toBe(1);
});
