/** Collectors that are busy, refuse, hang, break off or are gone: nothing that fits is lost, the rest is counted and said once. */
import { describe, expect, test } from '@jest/globals';
import type { Collector } from '../support/collector.js';
import { exporter, freePort, grpc, http, lines, names, RESOURCE, span } from '../support/exporter.js';

describe('answers', () => {
  test.each([
    [429, { 'retry-after': '0' }],
    [502, {}],
    [503, { 'retry-after': '0' }],
    [504, {}],
  ])('HTTP %i is tried again and nothing is lost', async (status, headers) => {
    const collector = await http(index => (index < 2 ? { status, headers } : {}));
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    subject.span(RESOURCE, span());
    expect(await subject.flush(10_000)).toBe(true);
    expect(collector.received).toHaveLength(3);
    expect(subject.stats().traces).toEqual({ exported: 1, dropped: 0, queued: 0 });
    expect(lines).toHaveLength(1);
  });

  test('Retry-After is honoured: no second try before its time', async () => {
    const collector = await http(index => (index === 0 ? { status: 503, headers: { 'retry-after': '1' } } : {}));
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    subject.span(RESOURCE, span());
    const [first, second] = await collector.wait(2);
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
  });

  test.each([400, 401, 404, 413, 500])('HTTP %i is final: dropped, counted, said once', async status => {
    const collector = await http(() => ({ status }));
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    for (const name of ['a', 'b']) {
      subject.span(RESOURCE, span(name));
      expect(await subject.flush(5000)).toBe(true);
    }
    expect(collector.received).toHaveLength(2);
    expect(subject.stats().traces).toEqual({ exported: 0, dropped: 2, queued: 0 });
    expect(lines).toEqual([expect.stringMatching(new RegExp(`refused traces \\(HTTP ${status}\\)`))]);
  });

  test.each([
    [1, undefined, true],
    [8, undefined, false],
    [8, 0, true],
    [14, undefined, true],
    [3, undefined, false],
    [16, undefined, false],
  ])('gRPC status %i with a RetryInfo of %p: tried again %p', async (code, retryAfter, again) => {
    const collector = await grpc(index =>
      index === 0 ? { code, ...(retryAfter === undefined ? {} : { retryAfter }) } : {},
    );
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    subject.span(RESOURCE, span());
    expect(await subject.flush(5000)).toBe(true);
    expect(subject.stats().traces).toMatchObject(again ? { exported: 1, dropped: 0 } : { exported: 0, dropped: 1 });
    expect(collector.received).toHaveLength(again ? 2 : 1);
  });

  test('a batch that is too large goes in halves; one item that is too large is dropped', async () => {
    for (const protocol of ['http/protobuf', 'grpc']) {
      lines.length = 0;
      const sizes: number[] = [];
      const refuse = (size: number): boolean => {
        sizes.push(size);
        return size > 3000;
      };
      const collector: Collector =
        protocol === 'grpc'
          ? await grpc((_index, size) => (refuse(size) ? { code: 8 } : {}))
          : await http((_index, size) => (refuse(size) ? { status: 413 } : {}));
      const subject = exporter({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_BSP_SCHEDULE_DELAY: '60000',
      });
      for (let index = 0; index < 12; index += 1) {
        const text = 'x'.repeat(index === 7 ? 5000 : 1000);
        subject.span(RESOURCE, { ...span(`s${index}`), attributes: { text } });
      }
      expect(await subject.flush(5000)).toBe(true);
      expect(subject.stats().traces).toEqual({ exported: 11, dropped: 1, queued: 0 });
      const taken = collector.received.filter((_request, index) => sizes[index]! <= 3000);
      expect(taken.flatMap(({ body }) => names(body))).toEqual(
        [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11].map(index => `s${index}`),
      );
    }
  });

  test('partial success: what the collector rejected is counted', async () => {
    const plain = await http(() => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ partialSuccess: { rejectedSpans: '1', errorMessage: 'no room' } }),
    }));
    const remote = await grpc(() => ({ rejected: 1 }));
    for (const [collector, protocol] of [
      [plain, 'http/json'],
      [remote, 'grpc'],
    ] as const) {
      lines.length = 0;
      const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
      subject.span(RESOURCE, span('a'));
      subject.span(RESOURCE, span('b'));
      await subject.flush(5000);
      expect(subject.stats().traces).toEqual({ exported: 1, dropped: 1, queued: 0 });
      expect(lines).toEqual([expect.stringContaining('no room')]);
    }
  });

  test('a lost connection is tried again', async () => {
    const collector = await http(index => (index === 0 ? 'reset' : {}));
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    subject.span(RESOURCE, span());
    expect(await subject.flush(10_000)).toBe(true);
    expect(subject.stats().traces.exported).toBe(1);
  });

  test.each(['http/protobuf', 'grpc'])('an answer that never comes ends with its timeout: %s', async protocol => {
    const collector =
      protocol === 'grpc'
        ? await grpc(index => ({ hang: index === 0 }))
        : await http(index => (index === 0 ? 'hang' : {}));
    const subject = exporter({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    });
    subject.span(RESOURCE, span());
    expect(await subject.flush(10_000)).toBe(true);
    expect(lines).toEqual([expect.stringContaining('no answer within 100 ms')]);
  });
});

describe('a collector that is gone', () => {
  test.each(['http/protobuf', 'grpc'])(
    'is said once, and everything arrives when it comes back: %s',
    async protocol => {
      const port = await freePort();
      const subject = exporter({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      });
      for (let index = 0; index < 10; index += 1) subject.span(RESOURCE, span(`s${index}`));
      expect(await subject.flush(700)).toBe(false);
      expect(lines).toEqual([expect.stringContaining(`http://127.0.0.1:${port} cannot be reached (ECONNREFUSED)`)]);
      expect(subject.stats().traces).toEqual({ exported: 0, dropped: 0, queued: 10 });
      if (protocol === 'grpc') return;
      const collector = await http(undefined, { port });
      expect(await subject.flush(10_000)).toBe(true);
      expect(collector.received.flatMap(request => names(request.body))).toHaveLength(10);
    },
  );

  test('what does not fit the queue is counted and said once', async () => {
    const port = await freePort();
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_MAX_QUEUE_SIZE: '5' });
    for (let index = 0; index < 12; index += 1) subject.span(RESOURCE, span());
    expect(subject.stats().traces).toEqual({ exported: 0, dropped: 7, queued: 5 });
    expect(lines.filter(line => line.includes('is full'))).toHaveLength(1);
    await subject.shutdown(0);
    expect(subject.stats().traces).toEqual({ exported: 0, dropped: 12, queued: 0 });
  });

  test('the queue is bounded in bytes, too', async () => {
    const port = await freePort();
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }, { queueBytes: 30_000 });
    for (let index = 0; index < 20; index += 1) {
      subject.span(RESOURCE, { ...span(), attributes: { text: 'x'.repeat(1000) } });
    }
    const { queued, dropped } = subject.stats().traces;
    expect(queued).toBeGreaterThan(5);
    expect(queued).toBeLessThan(10);
    expect(queued + dropped).toBe(20);
  });

  test('no password of the address is said', async () => {
    const port = await freePort();
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:hunter22@127.0.0.1:${port}` });
    subject.span(RESOURCE, span());
    await subject.flush(200);
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('hunter22');
  });
});
