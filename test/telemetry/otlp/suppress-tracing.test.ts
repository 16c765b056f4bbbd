import { afterEach, describe, expect, test } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { withoutTracing } from '../../../src/telemetry/otlp/suppress-tracing.js';

afterEach(() => {
  trace.disable();
  context.disable();
});

describe('withoutTracing', () => {
  test('a program without OpenTelemetry: just runs', () => {
    expect(withoutTracing(() => 7)).toBe(7);
  });

  test("a program's own OpenTelemetry sees the mark, also later in the same chain, and nowhere else", async () => {
    new NodeTracerProvider().register();
    expect(isTracingSuppressed(context.active())).toBe(false);
    const later = await withoutTracing(async () => {
      expect(isTracingSuppressed(context.active())).toBe(true);
      await new Promise(resolve => setImmediate(resolve));
      return isTracingSuppressed(context.active());
    });
    expect(later).toBe(true);
    expect(isTracingSuppressed(context.active())).toBe(false);
  });
});
