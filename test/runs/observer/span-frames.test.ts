/** Spans as taps tell them: what the merge may rely on, whatever a program's tracer wrote. */
import { describe, expect, test } from '@jest/globals';
import { endedSpan, spanParent, spanStart } from '../../../src/runs/observer/span-frames.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = 'c8be7c8270314442';
const ENDED = {
  traceId: TRACE,
  spanId: SPAN,
  parentSpanId: PARENT,
  name: 'invoke_agent',
  kind: 1,
  startTimeUnixNano: '1760000000000000001',
  endTimeUnixNano: '1760000000000000002',
  attributes: [
    { key: 'a', value: { stringValue: 'x' } },
    { key: 'n', value: { intValue: '7' } },
    { key: 'list', value: { arrayValue: { values: [{ boolValue: true }] } } },
  ],
  status: { code: 2, message: 'no' },
  events: [{ name: 'exception', timeUnixNano: '3', attributes: [] }],
};

test('an ended span, with its scope', () => {
  expect(endedSpan({ scope: 'crewai', span: ENDED })).toMatchObject({
    traceId: TRACE,
    spanId: SPAN,
    parentSpanId: PARENT,
    name: 'invoke_agent',
    start: 1760000000000000001n,
    end: 1760000000000000002n,
    attributes: { a: 'x', n: 7, list: [true] },
    status: { code: 2, message: 'no' },
    scope: { name: 'crewai' },
    events: [{ name: 'exception' }],
  });
});

test('a span that has begun', () => {
  expect(spanStart({ traceId: TRACE, spanId: SPAN, parentSpanId: PARENT, name: 'n' }, 5n)).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    parentSpanId: PARENT,
    name: 'n',
    at: 5n,
  });
  expect(spanStart({ traceId: TRACE, spanId: SPAN }, 5n)).toEqual({ traceId: TRACE, spanId: SPAN, name: '', at: 5n });
});

test('what is missing is empty, and a parent that is none is left out', () => {
  const found = endedSpan({ span: { traceId: TRACE, spanId: SPAN, parentSpanId: 'x', attributes: 'none', events: 5 } });
  expect(found).toMatchObject({ name: '', start: 0n, end: 0n, attributes: {}, events: [] });
  expect(found).not.toHaveProperty('parentSpanId');
});

describe('is nobody’s', () => {
  const ids: [unknown, unknown][] = [
    [undefined, undefined],
    ['', ''],
    ['0'.repeat(32), SPAN],
    [TRACE, '0'.repeat(16)],
    [TRACE.toUpperCase(), SPAN],
    [TRACE, `${SPAN}00`],
    [`${TRACE}\n`, SPAN],
    [7, 7],
    [{}, []],
  ];
  test.each(ids)('trace %j, span %j', (traceId, spanId) => {
    expect(endedSpan({ span: { ...ENDED, traceId, spanId } })).toBeUndefined();
    expect(spanStart({ traceId, spanId, name: 'n' }, 1n)).toBeUndefined();
    expect(spanParent({ parent: { traceId, spanId, traceFlags: 1 } as never })).toBeUndefined();
  });
});

test("the program's own span of a request", () => {
  const parent = { traceId: TRACE, spanId: SPAN, traceFlags: 0, traceState: 'a=b' };
  expect(spanParent({ parent })).toEqual(parent);
  expect(spanParent({})).toBeUndefined();
  expect(spanParent({ parent: null as never })).toBeUndefined();
  // A tracer that does not say so keeps its traces.
  expect(spanParent({ parent: { traceId: TRACE, spanId: SPAN } as never })).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
  });
});
