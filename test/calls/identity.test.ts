/** Which span a call is: below the program's own span, below the caller on the wire, or the first of its trace. */
import { describe, expect, test } from '@jest/globals';
import { identify } from '../../src/calls/identity.js';
import { createSampler } from '../../src/calls/sampling.js';
import type { SpanParent } from '../../src/calls/trace-context.js';
import { chatCall } from '../telemetry/support/calls.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const KEEP = createSampler(undefined, undefined);
const PARENT: SpanParent = { traceId: TRACE, spanId: SPAN, traceFlags: 1, traceState: 'a=b' };

test('nothing above it: a trace of its own, each time another', () => {
  const one = identify(chatCall(), undefined, KEEP);
  const other = identify(chatCall(), undefined, KEEP);
  expect(one).toEqual({
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    traceFlags: 1,
  });
  expect([one.traceId, one.spanId]).not.toEqual([other.traceId, other.spanId]);
});

test("below the program's own span, whatever the wire says", () => {
  const call = chatCall({ traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` });
  expect(identify(call, PARENT, KEEP, 'c'.repeat(16))).toEqual({
    traceId: TRACE,
    spanId: 'c'.repeat(16),
    parentSpanId: SPAN,
    parentIsRemote: false,
    traceState: 'a=b',
    traceFlags: 1,
  });
});

test.each([
  ['client', false],
  ['server', true],
] as const)('the header of a request of a %s', (role, parentIsRemote) => {
  const call = chatCall({ role, traceparent: `00-${TRACE}-${SPAN}-01` });
  expect(identify(call, undefined, KEEP)).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, parentIsRemote });
});

test.each(['', 'nonsense', `ff-${TRACE}-${SPAN}-01`, `00-${'0'.repeat(32)}-${SPAN}-01`])('%j is no parent', header => {
  expect(identify(chatCall({ traceparent: header }), undefined, KEEP)).not.toHaveProperty('parentSpanId');
});

describe('sampling', () => {
  test.each<[string, string, SpanParent | undefined, number]>([
    ['always_off', '', undefined, 0],
    ['always_off', '', PARENT, 0],
    ['always_on', '', { ...PARENT, traceFlags: 0 }, 1],
    ['parentbased_always_off', '', PARENT, 1],
    ['parentbased_always_on', '', { ...PARENT, traceFlags: 0 }, 0],
    ['traceidratio', '0', PARENT, 0],
    ['traceidratio', '1', undefined, 1],
  ])('%s %s below %j: %i', (name, ratio, parent, flags) => {
    expect(identify(chatCall(), parent, createSampler(name, ratio)).traceFlags).toBe(flags);
  });
});
