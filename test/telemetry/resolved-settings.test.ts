import { expect, test } from '@jest/globals';
import type { Settings } from '../../src/config/settings.js';
import { telemetrySettings } from '../../src/telemetry/resolved-settings.js';

const SETTINGS: Settings = {
  resourceAttributes: {},
  otlp: {
    endpoint: 'http://flag:4318',
    signalEndpoints: { logs: 'http://logs/own' },
    protocol: 'http/json',
    headers: { authorization: 'Basic a,b==' },
    signalHeaders: {},
    compression: 'gzip',
    timeout: 1234,
  },
  metricsExporter: 'none',
  metricExportInterval: 7000,
  samplingRate: 0.5,
  captureContent: 'event',
  maxContentLength: 99,
  redactPatterns: ['a,b', 'c'],
  disabledInstrumentors: [],
  excludeEndpoints: [],
  store: { keep: true },
  disabled: false,
  quiet: false,
  passthrough: {},
};

test('resolved settings say the same as variables, and win over the environment', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://environment',
    OTEL_BSP_SCHEDULE_DELAY: '9',
    OTEL_TRACES_SAMPLER: 'always_off',
  };
  const settings = telemetrySettings(SETTINGS, env);
  expect(settings.warnings).toEqual([]);
  expect(settings.otlp).toMatchObject({ batchDelay: 9, metricInterval: 7000, disabled: false });
  expect(settings.otlp.targets).toEqual({
    traces: {
      url: 'http://flag:4318/v1/traces',
      protocol: 'http/json',
      headers: { authorization: 'Basic a,b==' },
      gzip: true,
      timeout: 1234,
    },
    logs: expect.objectContaining({ url: 'http://logs/own' }),
  });
  expect(settings).toMatchObject({ emitEvent: true, content: { capture: 'event', maxLength: 99 } });
  expect(settings.content.redact('a,b c')).toBe('[REDACTED] [REDACTED]');
  expect(settings.sampler.description).toBe('parentbased_traceidratio{0.5}');
});

test('disabled exports nothing', () => {
  expect(telemetrySettings({ ...SETTINGS, disabled: true }, {}).otlp.disabled).toBe(true);
});
