import { describe, expect, test } from '@jest/globals';
import { createSampler } from '../../src/calls/sampling.js';
import { newSpanId, newTraceId, parseTraceparent } from '../../src/calls/trace-context.js';
import { createAggregator } from '../../src/telemetry/aggregator.js';
import { INSTRUMENT } from '../../src/telemetry/instruments.js';
import { telemetrySettingsFromEnvironment } from '../../src/telemetry/settings.js';
import type { Decoded } from './support/otlp-proto.js';

describe('aggregator', () => {
  const measure = (value: number, model = 'm') => ({
    instrument: INSTRUMENT.operationDuration,
    value,
    attributes: { 'gen_ai.request.model': model },
  });

  test('bucket ends are inclusive; sum, count, least and greatest are exact', () => {
    const aggregator = createAggregator('cumulative', 1n);
    for (const value of [0.005, 0.01, 0.011, 1000]) aggregator.add(measure(value));
    const [metric] = aggregator.collect(2n);
    const [point] = (metric as Decoded).points;
    expect(point).toMatchObject({ count: 4, min: 0.005, max: 1000, start: 1n, time: 2n });
    expect(point.sum).toBeCloseTo(1000.026, 9);
    expect(point.bucketCounts).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('cumulative goes on, delta begins anew', () => {
    for (const [temporality, counts, starts] of [
      ['cumulative', [1, 2], [1n, 1n]],
      ['delta', [1, 1], [1n, 2n]],
    ] as const) {
      const aggregator = createAggregator(temporality, 1n);
      aggregator.add(measure(1));
      const first = aggregator.collect(2n)[0] as Decoded;
      aggregator.add(measure(1));
      const second = aggregator.collect(3n)[0] as Decoded;
      expect([first.points[0].count, second.points[0].count]).toEqual(counts);
      expect([first.points[0].start, second.points[0].start]).toEqual(starts);
    }
  });

  test('nothing measured, nothing collected; nonsense is left out', () => {
    const aggregator = createAggregator('delta', 1n);
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) aggregator.add(measure(value));
    expect(aggregator.collect(2n)).toEqual([]);
  });

  test('series are bounded; the rest is one overflow, and no value is lost', () => {
    const aggregator = createAggregator('cumulative', 1n);
    for (let index = 0; index < 5000; index += 1) aggregator.add(measure(1, `m${index}`));
    const { points } = aggregator.collect(2n)[0] as Decoded;
    expect(points).toHaveLength(2000);
    expect(points.reduce((sum: number, point: Decoded) => sum + point.count, 0)).toBe(5000);
    expect(points.at(-1).attributes).toEqual({ 'otel.metric.overflow': true });
  });

  test('a counter is a monotonic sum', () => {
    const aggregator = createAggregator('delta', 1n);
    for (const value of [3, 4]) aggregator.add({ instrument: INSTRUMENT.usageInput, value, attributes: {} });
    expect(aggregator.collect(2n)[0]).toMatchObject({ type: 'sum', monotonic: true, points: [{ value: 7 }] });
  });
});

describe('samplers', () => {
  const parent = (traceFlags: number) => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags });
  const keeps = (name?: string, argument?: string) => (flags?: number) =>
    createSampler(name, argument).shouldSample(newTraceId(), flags === undefined ? undefined : parent(flags));

  test.each([
    [undefined, undefined, [true, true, false]],
    ['always_on', undefined, [true, true, true]],
    ['always_off', undefined, [false, false, false]],
    ['parentbased_always_on', undefined, [true, true, false]],
    ['parentbased_always_off', undefined, [false, true, false]],
    ['traceidratio', '1', [true, true, true]],
    ['traceidratio', '0', [false, false, false]],
    ['parentbased_traceidratio', '0', [false, true, false]],
    ['parentbased_traceidratio', undefined, [true, true, false]],
  ])('%s %s', (name, argument, [root, sampled, unsampled]) => {
    const keep = keeps(name, argument);
    expect([keep(), keep(1), keep(0)]).toEqual([root, sampled, unsampled]);
  });

  test('a ratio keeps about its share, and the same trace always', () => {
    const sampler = createSampler('traceidratio', '0.25');
    const ids = Array.from({ length: 8000 }, newTraceId);
    const kept = ids.filter(id => sampler.shouldSample(id, undefined));
    expect(kept.length).toBeGreaterThan(1700);
    expect(kept.length).toBeLessThan(2300);
    expect(kept.every(id => sampler.shouldSample(id, undefined))).toBe(true);
    const wider = createSampler('traceidratio', '0.5');
    expect(kept.every(id => wider.shouldSample(id, undefined))).toBe(true);
  });

  test('bad names and ratios are said', () => {
    const warnings: string[] = [];
    expect(createSampler('sometimes', undefined, warnings).description).toBe('parentbased_always_on');
    expect(createSampler('traceidratio', '7', warnings).description).toBe('traceidratio{1}');
    expect(warnings).toHaveLength(2);
  });
});

describe('trace context', () => {
  const ID = '0af7651916cd43dd8448eb211c80319c';
  test('a header that is right', () => {
    const expected = { traceId: ID, spanId: 'b7ad6b7169203331', traceFlags: 1 };
    expect(parseTraceparent(`00-${ID}-b7ad6b7169203331-01`)).toEqual(expected);
    expect(parseTraceparent(`cc-${ID}-b7ad6b7169203331-01-what-the-future-brings`)).toEqual(expected);
  });

  test.each([
    undefined,
    '',
    'garbage',
    `ff-${ID}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${ID}-${'0'.repeat(16)}-01`,
    `00-${ID}-short-01`,
  ])('%p is none', header => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  test('identifiers have their form', () => {
    expect(newTraceId()).toMatch(/^[0-9a-f]{32}$/);
    expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('telemetry settings from the environment', () => {
  const read = telemetrySettingsFromEnvironment;

  test('private by default', () => {
    expect(read({})).toMatchObject({
      generation: 'v1.41',
      emitEvent: false,
      content: { capture: 'off' },
      warnings: [],
    });
  });

  test.each([
    ['true', 'span', false],
    ['false', 'off', false],
    ['NO_CONTENT', 'off', false],
    ['SPAN_ONLY', 'span', false],
    ['event', 'event', true],
    ['EVENT_ONLY', 'event', true],
    ['both', 'both', true],
    ['SPAN_AND_EVENT', 'both', true],
    ['everything', 'off', false],
  ])('content %s', (word, capture, emitEvent) => {
    const settings = read({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: word });
    expect(settings).toMatchObject({ content: { capture }, emitEvent });
    expect(settings.warnings).toHaveLength(word === 'everything' ? 1 : 0);
  });

  test('the event can be asked for without content, and refused with it', () => {
    expect(read({ OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'true' })).toMatchObject({
      emitEvent: true,
      content: { capture: 'off' },
    });
    expect(
      read({
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both',
        OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'false',
      }).emitEvent,
    ).toBe(false);
  });

  test('a broken redaction pattern switches content off', () => {
    const env = {
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both',
      OPENLIT_REDACT_PATTERNS: 'fine\n(broken',
    };
    const settings = read(env);
    expect(settings.content.capture).toBe('off');
    expect(settings.warnings.join()).toContain('content is off');
  });

  test.each([
    ['["a,b", "c"]', 'a,b c d'],
    ['a,b\nc', 'a,b c d'],
    ['[abc]+', 'abc d'],
  ])('patterns %j', (patterns, text) => {
    expect(read({ OPENLIT_REDACT_PATTERNS: patterns }).content.redact(`${text}   `).trim()).toMatch(
      /^\[REDACTED\][^abc]*d$/,
    );
  });

  test('a pricing file that cannot be read is said and left out; a sampler is read', () => {
    const settings = read({ OPENLIT_PRICING_JSON: '/none.json', OTEL_TRACES_SAMPLER: 'always_off' });
    expect(settings.pricingFile).toBeUndefined();
    expect(settings.warnings).toEqual([expect.stringContaining('/none.json cannot be used: does not exist')]);
    expect(settings.sampler.description).toBe('always_off');
  });
});
