import { expect, test } from '@jest/globals';
import { describeSettings, formatSettings } from '../../src/config/describe.js';
import { findFlag } from '../../src/config/flags.js';
import { mergeSettings } from '../../src/config/load.js';

const loaded = mergeSettings(
  [{ row: findFlag('service-name')!, value: 's', typed: '--service-name' }],
  {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=SECRET',
    OPENLIT_API_KEY: 'SECRET',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:SECRET@h:4318',
    OPENLIT_DISABLE_METRICS: 'true',
  },
  undefined,
);

test('each value with its source; credentials masked, the names of headers kept', () => {
  const described = describeSettings(loaded, false);
  expect(described.settings.map(({ key, value, source }) => [key, value, source])).toEqual([
    ['application_name', 's', { from: 'flag', name: '--service-name' }],
    ['endpoint', 'http://***@h:4318', { from: 'environment', name: 'OTEL_EXPORTER_OTLP_ENDPOINT' }],
    ['headers', { authorization: '***' }, { from: 'environment', name: 'OTEL_EXPORTER_OTLP_HEADERS' }],
    ['api_key', '***', { from: 'environment', name: 'OPENLIT_API_KEY' }],
    ['content.capture', 'off', { from: 'default' }],
    ['instrumentation.enabled', true, { from: 'default' }],
    ['metrics.enabled', false, { from: 'environment', name: 'OPENLIT_DISABLE_METRICS' }],
  ]);
  expect(JSON.stringify(described) + formatSettings(described)).not.toContain('SECRET');
});

test('with what nobody has set', () => {
  const text = formatSettings(describeSettings(loaded, true));
  expect(text).toContain('traces.sampling_rate');
  expect(text).toContain('not set (--sampling-rate, OTEL_TRACES_SAMPLER_ARG)');
});
