/** What only faults of our own can cause, and what several waiters do to each other. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Lane, type LaneHooks } from '../../../src/telemetry/otlp/lane.js';
import type { PreparedRequest } from '../../../src/telemetry/otlp/prepared-request.js';

const LIMITS = { queueSize: 100, queueBytes: 1e6, batchSize: 10, batchBytes: 1e6, batchDelay: 60_000 };
const RESOURCE = new Uint8Array(1);
const NEVER = new Promise<void>(() => {});
const item = () => new Uint8Array(10);

function lane(hooks: Partial<LaneHooks>, problems: string[] = []): Lane {
  return new Lane('traces', LIMITS, {
    prepare: () => ({}) as PreparedRequest,
    send: async () => ({ kind: 'sent', rejected: 0 }),
    problem: (kind, reason) => void problems.push(`${kind}: ${reason}`),
    recovered() {},
    ...hooks,
  });
}

describe('a fault of ours', () => {
  test.each([
    ['prepare', { prepare: () => fail() }],
    ['send', { send: () => fail() }],
    ['send, later', { send: async () => fail() }],
  ] as [string, Partial<LaneHooks>][])('in %s is counted and said, and the lane goes on', async (_name, hooks) => {
    const problems: string[] = [];
    const subject = lane(hooks, problems);
    for (const _round of [1, 2]) {
      subject.offer(RESOURCE, item());
      await subject.drain(NEVER);
    }
    expect(subject.stats).toEqual({ exported: 0, dropped: 2, queued: 0 });
    expect(problems).toEqual(['refused: our fault', 'refused: our fault']);
  });
});

describe('waiters', () => {
  test('one that gives up does not slow the other', async () => {
    let release = () => {};
    const first = new Promise<void>(resolve => {
      release = resolve;
    });
    let sends = 0;
    const subject = lane({
      async send() {
        sends += 1;
        if (sends === 1) await first;
        return { kind: 'sent', rejected: 0 };
      },
    });
    for (let index = 0; index < 15; index += 1) subject.offer(RESOURCE, item());
    const drained = subject.drain(NEVER);
    await subject.drain(Promise.resolve());
    release();
    await drained;
    expect(subject.stats).toEqual({ exported: 15, dropped: 0, queued: 0 });
  });

  test('a collector that is gone is tried twice and waited for no longer; one that is busy is waited for', async () => {
    let sends = 0;
    const gone = lane({
      async send() {
        sends += 1;
        return { kind: 'retry', reason: 'ECONNREFUSED' };
      },
    });
    gone.offer(RESOURCE, item());
    await gone.drain(NEVER);
    expect(sends).toBe(2);
    expect(gone.stats.queued).toBe(1);
    gone.close();
    sends = 0;
    const busy = lane({
      send: async () =>
        ++sends < 5 ? { kind: 'retry', reason: 'HTTP 503', busy: true, after: 0 } : { kind: 'sent', rejected: 0 },
    });
    busy.offer(RESOURCE, item());
    await busy.drain(NEVER);
    expect(busy.stats).toEqual({ exported: 1, dropped: 0, queued: 0 });
  });

  test('what the collector has and does not answer is not sent for ever', async () => {
    let sends = 0;
    const problems: string[] = [];
    const subject = lane(
      {
        async send(_request, onHandedOver) {
          sends += 1;
          onHandedOver();
          return { kind: 'retry', reason: 'no answer', after: 0 };
        },
      },
      problems,
    );
    subject.offer(RESOURCE, item());
    while (subject.stats.queued > 0) await subject.drain(NEVER);
    expect(sends).toBe(8);
    expect(subject.stats).toEqual({ exported: 0, dropped: 1, queued: 0 });
    expect(problems.at(-1)).toBe('refused: no answer');
  });

  test('nothing is taken after the end', () => {
    const subject = lane({});
    subject.close();
    subject.offer(RESOURCE, item());
    expect(subject.stats).toEqual({ exported: 0, dropped: 1, queued: 0 });
  });
});

describe('a collector that is gone for a minute', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('is asked about every five seconds, and gets all that fits as soon as it is back', async () => {
    jest.useFakeTimers();
    const back = Date.now() + 60_000;
    const attempts: number[] = [];
    const subject = lane({
      send: async () => {
        attempts.push(Date.now() - back);
        return Date.now() < back ? { kind: 'retry', reason: 'ECONNREFUSED' } : { kind: 'sent', rejected: 0 };
      },
    });
    // Two calls a second: 140 in all, and the queue holds 100.
    for (let index = 0; index < 140; index += 1) {
      subject.offer(RESOURCE, item());
      await jest.advanceTimersByTimeAsync(500);
    }
    await jest.advanceTimersByTimeAsync(60_000);
    const { exported, dropped, queued } = subject.stats;
    expect({ all: exported + dropped, queued }).toEqual({ all: 140, queued: 0 });
    // Full after 50 s; room again within 5 s of the return.
    expect(dropped).toBeGreaterThanOrEqual(20);
    expect(dropped).toBeLessThanOrEqual(30);
    const during = attempts.filter(at => at < 0);
    expect(during.length).toBeGreaterThan(10);
    expect(during.length).toBeLessThan(40);
    expect(attempts.find(at => at >= 0)).toBeLessThanOrEqual(5_000);
  });
});

function fail(): never {
  throw new Error('our fault');
}
