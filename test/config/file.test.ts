/** The file: both forms, every kind of file, and errors that name file, line, key, value and what is allowed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadFile } from '../../src/config/file.js';
import { findFile } from '../../src/config/find-file.js';
import { SETTINGS, type SettingRow } from '../../src/config/flags.js';
import { mergeSettings } from '../../src/config/load.js';
import { keyOf } from '../../src/config/schema.js';
import type { Problem } from '../../src/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** `@{` stands for the dollar form of a variable. */
const dollar = (text: string) => text.replaceAll('@{', '$'.concat('{'));
const load = (env: NodeJS.ProcessEnv = {}, chosen?: string) => loadFile(folder, chosen, env);
const settings = (env: NodeJS.ProcessEnv = {}) => mergeSettings([], {}, load(env)).settings;

function refused(env: NodeJS.ProcessEnv = {}): Problem {
  try {
    load(env);
  } catch (error) {
    return error as Problem;
  }
  throw new Error('accepted');
}

describe('metrics for Prometheus', () => {
  test.each([
    'metrics: {exporter: prometheus, port: 9999, host: 0.0.0.0}',
    'metrics: {type: prometheus, port: "9999", host: 0.0.0.0}',
    'metrics: {type: otlp, exporter: prometheus, port: 9999, host: 0.0.0.0}',
    'kind: Config\nexporters: {metrics: {type: prometheus, port: 9999, host: 0.0.0.0}}',
    'kind: Config\nexporters: {metrics: {exporter: prometheus, port: 9999, host: 0.0.0.0}}',
  ])('%s', text => {
    put('openlit.yml', text);
    expect(settings()).toMatchObject({
      metricsExporter: 'prometheus',
      prometheusPort: 9999,
      prometheusHost: '0.0.0.0',
    });
  });

  test.each([
    ['metrics: {type: prom}', 'metrics.type is "prom"'],
    ['metrics: {exporter: prometheus, port: many}', 'metrics.port is "many"'],
    ['traces: {type: prometheus}', 'traces.type is "prometheus"'],
  ])('%s is refused', (text, message) => {
    put('openlit.yml', text);
    expect(refused().message).toContain(message);
  });
});

const SHORT = `application_name: shop
environment: prod
endpoint: https://otlp.example:4318
api_key: k1
headers: {authorization: Bearer x, retries: 3}
instrumentation:
  enabled: true
  disabled_libraries: [langchain, chroma]
traces:
  exporter: otlp
  sampling_rate: 0.25
metrics:
  enabled: false
  export_interval: 5000
content:
  capture: event
  max_length: 100
filters:
  exclude_endpoints: ["*.internal"]
pricing:
  file: prices.json
store:
  keep: false
  max_runs: 50
  max_size: 2MB
  max_age: 30d
`;

const LONG = `kind: Config
apiVersion: openlit.io/v1
connection:
  endpoint: https://otlp.example:4318
  api_key: k1
  headers: {authorization: Bearer x, retries: 3}
application:
  name: shop
  environment: prod
instrumentation:
  enabled: true
  disabled_libraries: [langchain, chroma]
exporters:
  traces: {exporter: otlp}
  metrics: {enabled: false, export_interval: 5000}
sampling:
  rate: 0.25
content: {capture: event, max_length: 100}
filters:
  exclude_endpoints: ["*.internal"]
pricing: {file: prices.json}
store: {keep: false, max_runs: 50, max_size: 2097152, max_age: 30d}
`;

const expected = () => ({
  serviceName: 'shop',
  environment: 'prod',
  resourceAttributes: {},
  otlp: {
    endpoint: 'https://otlp.example:4318',
    headers: { authorization: 'Bearer x', retries: '3' },
    signalEndpoints: {},
    signalHeaders: {},
  },
  tracesExporter: 'otlp',
  metricsExporter: 'none',
  metricExportInterval: 5000,
  samplingRate: 0.25,
  captureContent: 'event',
  maxContentLength: 100,
  redactPatterns: [],
  store: { keep: false, maxRuns: 50, maxSize: 2_097_152, maxAge: 30 * 86_400_000 },
  disabledInstrumentors: ['langchain', 'chroma'],
  excludeEndpoints: ['*.internal'],
  pricingFile: path.join(folder, 'prices.json'),
  apiKey: 'k1',
  disabled: false,
  noAttach: false,
  quiet: false,
  passthrough: { OPENLIT_DISABLE_METRICS: 'true' },
});

describe('forms and places', () => {
  test('the short form', () => {
    put('openlit.yml', SHORT);
    expect(settings()).toEqual(expected());
  });

  test('the long form says the same', () => {
    put('openlit.yaml', LONG);
    expect(settings()).toEqual(expected());
  });

  test('JSON, and a key of package.json', () => {
    const json = '{\n\t"application_name": "shop",\n\t"content": {"capture": true}\n}';
    put('openlit.json', json);
    expect(settings()).toMatchObject({ serviceName: 'shop', captureContent: 'span' });
    rmSync(path.join(folder, 'openlit.json'));
    put('package.json', `{"name": "x", "openlit": ${json}}`);
    expect(settings()).toMatchObject({ serviceName: 'shop', captureContent: 'span' });
  });

  test('found from below; a package.json without our key is passed by', () => {
    const file = put('openlit.yml', 'environment: up');
    put('a/package.json', '{"name": "openlit"}');
    put('a/b/x', '');
    expect(findFile(path.join(folder, 'a/b'))).toBe(file);
    expect(loadFile(path.join(folder, 'a/b'), undefined, {})?.file).toBe(file);
  });

  test('the file of --config, relative to the working directory', () => {
    put('openlit.yml', 'environment: found');
    put('other/x.yml', 'environment: chosen');
    expect(mergeSettings([], {}, load({}, 'other/x.yml')).settings.environment).toBe('chosen');
  });

  test('an empty file, and sections without anything in them', () => {
    put('openlit.yml', '# nothing yet\n');
    expect(load()?.layer.size).toBe(0);
    put('openlit.yml', 'traces:\ncontent:\n  capture:\nendpoint: ~\n');
    expect(load()?.layer.size).toBe(0);
  });

  test('every setting has a key in both forms, and no two share one', () => {
    for (const form of ['short', 'long'] as const) {
      const keys = (SETTINGS as readonly SettingRow[]).map(row => keyOf(row, form));
      expect(keys).not.toContain(undefined);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('the origin of a value is its file, line and key', () => {
    const file = put('openlit.yml', SHORT);
    expect(load()?.layer.get('samplingRate')?.origin).toEqual({
      from: 'file',
      file,
      line: 11,
      key: 'traces.sampling_rate',
    });
  });
});

describe('types', () => {
  test('false is false, as a word, as text and out of a variable', () => {
    put(
      'openlit.yml',
      dollar(
        'instrumentation: {enabled: false}\nmetrics: {enabled: "@{M}"}\ntraces: {sampling_rate: "@{R:-0.5}", disable_batch: "no"}',
      ),
    );
    const loaded = settings({ M: 'false' });
    expect(loaded).toMatchObject({ disabled: true, metricsExporter: 'none', samplingRate: 0.5 });
    expect(loaded.passthrough).not.toHaveProperty('OPENLIT_DISABLE_BATCH');
  });

  test('off in YAML is a word, and true means span', () => {
    put('openlit.yml', 'content: {capture: off}');
    expect(settings().captureContent).toBe('off');
    put('openlit.yml', 'content: {capture: yes}');
    expect(settings().captureContent).toBe('span');
  });

  test('a list may be written as one text', () => {
    put('openlit.yml', 'instrumentation: {disabled_libraries: "a, b"}');
    expect(settings().disabledInstrumentors).toEqual(['a', 'b']);
  });
});

describe('errors name file, line, key, value and what is allowed', () => {
  test.each<[string, number, string, string]>([
    ['a: 1', 1, 'unknown key a', 'known here'],
    ['environment: x\nendpont: http://x', 2, 'unknown key endpont', 'did you mean endpoint?'],
    ['traces:\n  sampling_rat: 1', 2, 'unknown key traces.sampling_rat', 'did you mean traces.sampling_rate?'],
    ['sampling_rate: 1', 1, 'unknown key sampling_rate', 'did you mean traces.sampling_rate?'],
    ['traces:\n  exporter: otlp\n  sampling_rate: 2', 3, 'traces.sampling_rate is 2', 'allowed: a number from 0 to 1'],
    ['metrics:\n  enabled: maybe', 2, 'metrics.enabled is "maybe"', 'allowed: true or false'],
    ['content:\n  capture: all', 2, 'content.capture is "all"', 'allowed: one of off, span, event, both'],
    ['endpoint: localhost:4318', 1, 'endpoint is "localhost:4318"', 'http:// or https://'],
    [
      'instrumentation:\n  disabled_libraries:\n    - a\n    - 7',
      4,
      'instrumentation.disabled_libraries.1 is 7',
      'words',
    ],
    ['traces: yes', 1, 'traces is', 'expected a section with keys'],
    ['- a', 1, 'the file is', 'expected keys and values'],
    ['kind: Config\napplication:\n  nam: x', 3, 'unknown key application.nam', 'did you mean application.name?'],
    ['kind: Deployment', 1, 'kind is "Deployment"', ''],
  ])('%j', (text, line, message, reason) => {
    const file = put('openlit.yml', text);
    const problem = refused();
    expect(problem.exit).toBe(2);
    expect(problem.message).toContain(`${file}:${line}: `);
    expect(problem.message).toContain(message);
    expect(problem.reason ?? '').toContain(reason);
  });

  test('broken YAML, doubled keys and broken JSON', () => {
    const file = put('openlit.yml', 'a: 1\nb: [');
    expect(refused().message).toMatch(new RegExp(`^${file}:\\d+: `));
    put('openlit.yml', 'environment: a\nenvironment: b');
    expect(refused().message).toContain(`${file}:2: `);
  });

  test('an unset variable', () => {
    const file = put('openlit.yml', dollar('environment: x\napi_key: @{NO_SUCH}'));
    const problem = refused();
    expect(problem.message).toContain(`${file}:2: api_key needs the variable NO_SUCH`);
    expect(problem.reason).toBe('it is not set and the file has no default for it');
  });

  test('a missing file', () => {
    expect(() => load({}, 'none.yml')).toThrow('none.yml cannot be read');
  });

  test('no credential is repeated', () => {
    put('openlit.yml', 'headers: [SECRET]');
    expect(JSON.stringify(refused()) + refused().message).not.toContain('SECRET');
    put('openlit.yml', dollar('api_key: SECRET@{NO_SUCH}'));
    expect(refused().message).not.toContain('SECRET');
  });
});
