import { describe, expect, test } from '@jest/globals';
import type { SettingId } from '../../src/config/flags.js';
import type { Origin } from '../../src/config/layers.js';
import { mergeSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';
import { settingsToEnvironment } from '../../src/config/to-environment.js';
import { parsePairs } from '../../src/config/values.js';

const NOTHING = mergeSettings([], {}, undefined).settings;
const FALSE = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'false' };

const make = (settings: Partial<Settings>) => ({ ...NOTHING, ...settings });
const otlp = (part: Partial<Settings['otlp']>) => make({ otlp: { ...NOTHING.otlp, ...part } });

describe('what is set', () => {
  test('nothing but the order to keep content out, which both SDKs would record', () => {
    expect(settingsToEnvironment(NOTHING)).toEqual(FALSE);
  });

  test('content, in the words that the SDK knows where it has words for it', () => {
    const value = (captureContent: Settings['captureContent']) =>
      settingsToEnvironment(make({ captureContent })).OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;
    expect([value('off'), value('span'), value('event'), value('both')]).toEqual(['false', 'true', 'event', 'both']);
  });

  test('the environment under both names, service.name left to its variable', () => {
    const env = settingsToEnvironment(
      make({ serviceName: 's', environment: 'prod', resourceAttributes: { a: 'x y' } }),
    );
    expect(env).toMatchObject({ OTEL_SERVICE_NAME: 's', OTEL_DEPLOYMENT_ENVIRONMENT: 'prod' });
    expect(parsePairs(env.OTEL_RESOURCE_ATTRIBUTES!)).toEqual({ a: 'x y', 'deployment.environment.name': 'prod' });
  });

  test('headers in the form of the specification', () => {
    const env = settingsToEnvironment(otlp({ endpoint: 'http://h', headers: { Authorization: 'Basic dXNlcg==' } }));
    expect(env.OTEL_EXPORTER_OTLP_HEADERS).toBe('Authorization=Basic%20dXNlcg==');
  });

  test('sampling', () => {
    expect(settingsToEnvironment(make({ samplingRate: 0.5 }))).toEqual({
      ...FALSE,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
  });
});

describe('endpoints', () => {
  test('only a traces endpoint: the other signals go nowhere', () => {
    const settings = otlp({ signalEndpoints: { traces: 'http://h:4318/v1/traces' } });
    expect(settingsToEnvironment(settings)).toEqual({
      ...FALSE,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://h:4318/v1/traces',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    });
  });

  test('a signal without an address goes nowhere, not to a dead default port', () => {
    const env = settingsToEnvironment(otlp({ signalEndpoints: { metrics: 'http://h/m' } }));
    expect(env).toMatchObject({ OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' });
    expect(env).not.toHaveProperty('OTEL_METRICS_EXPORTER');
  });

  test('exporter none without an endpoint silences all three', () => {
    expect(settingsToEnvironment(make({ tracesExporter: 'none' }))).toMatchObject({
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    });
  });

  test('a chosen exporter stays', () => {
    const settings = { ...otlp({ endpoint: 'http://h' }), metricsExporter: 'none' as const };
    expect(settingsToEnvironment(settings)).toMatchObject({ OTEL_METRICS_EXPORTER: 'none' });
    expect(settingsToEnvironment(settings)).not.toHaveProperty('OTEL_TRACES_EXPORTER');
  });
});

describe("what the user's environment says already", () => {
  const written = (env: Record<string, string>) => {
    const { settings, sources } = mergeSettings([], env, undefined);
    return settingsToEnvironment(settings, sources);
  };

  test('is left as it is written', () => {
    const env = {
      OTEL_SERVICE_NAME: 's',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h',
      OTEL_EXPORTER_OTLP_HEADERS: 'a = b , c=d',
      OTEL_RESOURCE_ATTRIBUTES: 'x=1 , y=2',
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_TRACES_EXPORTER: 'otlp,console',
      OPENLIT_DISABLE_BATCH: '1',
      OPENLIT_REDACT_PATTERNS: 'a+',
    };
    expect(written(env)).toEqual(FALSE);
  });

  test('is completed where two settings meet in one variable', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'x=1', OTEL_DEPLOYMENT_ENVIRONMENT: 'prod' };
    expect(written(env)).toEqual({ ...FALSE, OTEL_RESOURCE_ATTRIBUTES: 'x=1,deployment.environment.name=prod' });
  });

  test('is normalised for content, because the SDK knows true and false only', () => {
    expect(written({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'YES' })).toEqual({
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    });
  });
});

test('every setting that a hook can use reaches the environment under its own name', () => {
  const sources = new Map<SettingId, Origin>();
  const env = settingsToEnvironment(
    {
      serviceName: 's',
      environment: 'e',
      resourceAttributes: { a: 'b' },
      otlp: {
        endpoint: 'http://h',
        signalEndpoints: { traces: 'http://t', metrics: 'http://m', logs: 'http://l' },
        protocol: 'http/json',
        headers: { h: '1' },
        signalHeaders: { traces: { t: '1' }, metrics: { m: '1' }, logs: { l: '1' } },
        compression: 'gzip',
        timeout: 7,
        certificate: '/c',
        clientCertificate: '/cc',
        clientKey: '/ck',
      },
      tracesExporter: 'otlp',
      metricsExporter: 'otlp',
      logsExporter: 'none',
      metricExportInterval: 9,
      samplingRate: 1,
      captureContent: 'both',
      maxContentLength: 5,
      redactPatterns: ['a,b'],
      enabledInstrumentors: ['x'],
      disabledInstrumentors: ['y', 'z'],
      excludeEndpoints: ['*.q'],
      pricingFile: '/p',
      apiKey: 'k',
      store: { keep: true },
      disabled: false,
      quiet: true,
      passthrough: { OPENLIT_DISABLE_BATCH: 'true' },
    },
    sources,
  );
  expect(env).toEqual({
    OPENLIT_DISABLE_BATCH: 'true',
    OTEL_SERVICE_NAME: 's',
    OTEL_DEPLOYMENT_ENVIRONMENT: 'e',
    OTEL_RESOURCE_ATTRIBUTES: 'a=b,deployment.environment.name=e',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://l',
    OTEL_EXPORTER_OTLP_HEADERS: 'h=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 't=1',
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'm=1',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'l=1',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TIMEOUT: '7',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/c',
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/cc',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: '/ck',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRIC_EXPORT_INTERVAL: '9',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '1',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both',
    OPENLIT_MAX_CONTENT_LENGTH: '5',
    OPENLIT_REDACT_PATTERNS: '["a,b"]',
    OPENLIT_ENABLED_INSTRUMENTORS: 'x',
    OPENLIT_DISABLED_INSTRUMENTORS: 'y,z',
    OPENLIT_EXCLUDE_ENDPOINTS: '*.q',
    OPENLIT_PRICING_JSON: '/p',
    OPENLIT_API_KEY: 'k',
    OPENLIT_INSTRUMENT_QUIET: '1',
  });
});
