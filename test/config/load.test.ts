/** The precedence flag > environment > file > default, for every setting, and what a bad value does in each source. */
import { describe, expect, test } from '@jest/globals';
import { splitWords } from '../../src/cli/argv.js';
import { SETTINGS, type SettingId, type SettingRow } from '../../src/config/flags.js';
import type { Given } from '../../src/config/layers.js';
import { hasDestination, mergeSettings } from '../../src/config/load.js';
import type { Value } from '../../src/config/values.js';
import { VARIABLES } from '../../src/config/variables.js';

function flagsOf(...typed: string[]) {
  const words = splitWords([...typed, 'program']);
  if (words.kind !== 'launch') throw new Error('no launch');
  return words.flags;
}

function fileOf(values: Partial<Record<SettingId, Value>>) {
  const origin = (key: string) => ({ from: 'file', file: '/a/openlit.yml', line: 1, key }) as const;
  const layer = new Map(
    Object.entries(values).map(([id, value]) => [id as SettingId, { value, origin: origin(id) } as Given]),
  );
  return { layer, file: '/a/openlit.yml' };
}

/** Three different values of one kind, as text and typed. */
const SAMPLES: Record<string, [text: string, value: Value][]> = {
  text: [
    ['one', 'one'],
    ['two', 'two'],
    ['three', 'three'],
  ],
  path: [
    ['/one', '/one'],
    ['/two', '/two'],
    ['/three', '/three'],
  ],
  url: [
    ['http://one', 'http://one'],
    ['http://two', 'http://two'],
    ['http://three', 'http://three'],
  ],
  count: [
    ['1', 1],
    ['2', 2],
    ['3', 3],
  ],
  list: [
    ['a', ['a']],
    ['b', ['b']],
    ['c', ['c']],
  ],
  lines: [
    ['a,b', ['a,b']],
    ['b', ['b']],
    ['c', ['c']],
  ],
  pairs: [
    ['k=1', { k: '1' }],
    ['k=2', { k: '2' }],
    ['k=3', { k: '3' }],
  ],
  size: [
    ['1MB', '1MB'],
    ['2MB', '2MB'],
    ['3MB', '3MB'],
  ],
  age: [
    ['1d', '1d'],
    ['2d', '2d'],
    ['3d', '3d'],
  ],
  json: [
    ['{"a":1}', '{"a":1}'],
    ['{"a":2}', '{"a":2}'],
    ['{"a":3}', '{"a":3}'],
  ],
  switch: [
    ['false', false],
    ['true', true],
    ['true', true],
  ],
};

function samplesOf(row: SettingRow): [text: string, value: Value][] {
  if (row.kind === 'choice') return [0, 1, 0].map(index => [row.choices![index]!, row.choices![index]!]);
  return SAMPLES[row.kind]!;
}

describe('precedence', () => {
  const rows = (SETTINGS as readonly SettingRow[]).filter(row => row.id !== 'samplingRate');
  test.each(rows.map(row => [row.id, row] as const))('%s', (_id, row) => {
    const [flag, variable, file] = samplesOf(row) as [[string, Value], [string, Value], [string, Value]];
    const id = row.id as SettingId;
    const env = { [row.environment!]: variable[0] };
    const fromFile = fileOf({ [id]: file[1] });
    const flags = row.flags.length > 0 ? flagsOf(`--${row.flags[0]}=${flag[0]}`) : [];

    expect(mergeSettings([], {}, undefined).values.has(id)).toBe(false);
    expect(mergeSettings([], {}, fromFile).values.get(id)).toEqual(file[1]);
    expect(mergeSettings([], env, fromFile).values.get(id)).toEqual(variable[1]);
    expect(mergeSettings([], env, fromFile).sources.get(id)).toMatchObject(
      row.id === 'resourceAttributes' ? { from: 'file' } : { from: 'environment', name: row.environment },
    );
    if (flags.length > 0) {
      expect(mergeSettings(flags, env, fromFile).values.get(id)).toEqual(flag[1]);
      expect(mergeSettings(flags, env, fromFile).sources.get(id)).toEqual({ from: 'flag', name: `--${row.flags[0]}` });
    }
  });

  test('an empty variable counts as unset', () => {
    expect(
      mergeSettings([], { [VARIABLES.serviceName]: ' ' }, fileOf({ serviceName: 'file' })).settings.serviceName,
    ).toBe('file');
  });

  test('resource attributes are merged key by key', () => {
    const env = { [VARIABLES.resourceAttributes]: 'a=env,b=env' };
    const { settings } = mergeSettings(
      flagsOf('--resource-attributes', 'a=flag'),
      env,
      fileOf({ resourceAttributes: { b: 'f', c: 'f' } }),
    );
    expect(settings.resourceAttributes).toEqual({ a: 'flag', b: 'env', c: 'f' });
  });

  test('of a flag given twice the last holds; lists and pairs are joined', () => {
    const { settings } = mergeSettings(
      flagsOf(
        '--service-name',
        'a',
        '--application_name',
        'b',
        '--headers',
        'a=1',
        '--headers',
        'b=2',
        '--disabled-instrumentors=x',
        '--disabled-instrumentors=y',
      ),
      {},
      undefined,
    );
    expect(settings.serviceName).toBe('b');
    expect(settings.otlp.headers).toEqual({ a: '1', b: '2' });
    expect(settings.disabledInstrumentors).toEqual(['x', 'y']);
  });
});

describe('defaults and derived values', () => {
  test('nothing given: content is off, nothing else is invented', () => {
    expect(mergeSettings([], {}, undefined).settings).toEqual({
      resourceAttributes: {},
      otlp: { signalEndpoints: {}, headers: {}, signalHeaders: {} },
      captureContent: 'off',
      redactPatterns: [],
      store: { keep: true },
      disabledInstrumentors: [],
      excludeEndpoints: [],
      disabled: false,
      quiet: false,
      passthrough: {},
    });
  });

  test('service and environment come from the resource attributes when nobody names them', () => {
    const env = { [VARIABLES.resourceAttributes]: 'service.name=shop,deployment.environment.name=prod' };
    expect(mergeSettings([], env, undefined).settings).toMatchObject({ serviceName: 'shop', environment: 'prod' });
  });

  test.each<[Record<string, string>, number | undefined]>([
    [{ [VARIABLES.tracesSampler]: 'traceidratio', [VARIABLES.tracesSamplerArg]: '0.25' }, 0.25],
    [{ [VARIABLES.tracesSampler]: 'parentbased_traceidratio', [VARIABLES.tracesSamplerArg]: '0.5' }, 0.5],
    [{ [VARIABLES.tracesSampler]: 'parentbased_always_off' }, 0],
    [{ [VARIABLES.tracesSampler]: 'always_on' }, 1],
    [{ [VARIABLES.tracesSampler]: 'jaeger_remote' }, undefined],
    [{ [VARIABLES.tracesSamplerArg]: '0.5' }, undefined],
  ])('sampler %j', (env, rate) => {
    expect(mergeSettings([], env, undefined).settings.samplingRate).toBe(rate);
  });

  test.each([['OPENLIT_INSTRUMENT_DISABLED'], ['OTEL_SDK_DISABLED']])('%s switches off', name => {
    expect(mergeSettings([], { [name]: 'true' }, undefined).settings.disabled).toBe(true);
    expect(mergeSettings([], { [name]: 'false' }, undefined).settings.disabled).toBe(false);
  });

  test('switches of the SDK are handed on only when they are on', () => {
    const { settings } = mergeSettings(flagsOf('--disable-batch=false', '--collect-gpu-stats'), {}, undefined);
    expect(settings.passthrough).toEqual({ [VARIABLES.collectGpuStats]: 'true' });
  });

  test('disabled metrics and events have no exporter', () => {
    const { settings } = mergeSettings(flagsOf('--disable-metrics', '--disable-events'), {}, undefined);
    expect(settings).toMatchObject({ metricsExporter: 'none', logsExporter: 'none' });
  });
});

test('a port for Prometheus asks for its page, unless it is the environment that names one, or another exporter is named', () => {
  const exporter = (flags: string[], env: NodeJS.ProcessEnv, file?: ReturnType<typeof fileOf>) =>
    mergeSettings(flagsOf(...flags), env, file).settings.metricsExporter;
  expect(exporter(['--prometheus-port', '9464'], {})).toBe('prometheus');
  expect(exporter([], {}, fileOf({ prometheusPort: 9464 }))).toBe('prometheus');
  expect(exporter([], { [VARIABLES.prometheusPort]: '9464' })).toBeUndefined();
  expect(exporter(['--prometheus-port', '9464', '--metrics-exporter', 'otlp'], {})).toBe('otlp');
});

describe('a variable that cannot be read', () => {
  test('is left out with a note and does not end the launch', () => {
    const { values, notes } = mergeSettings([], { [VARIABLES.timeout]: 'soon' }, fileOf({ timeout: 7 }));
    expect(values.get('timeout')).toBe(7);
    expect(notes).toEqual(['OTEL_EXPORTER_OTLP_TIMEOUT is ignored: "soon" is not a whole number of at least 1']);
  });

  test('and holds a credential: it is not repeated', () => {
    const { notes } = mergeSettings([], { [VARIABLES.headers]: 'SECRET' }, undefined);
    expect(notes).toHaveLength(1);
    expect(notes[0]).not.toContain('SECRET');
  });

  test('a list of exporters is understood', () => {
    expect(mergeSettings([], { [VARIABLES.tracesExporter]: 'otlp,console' }, undefined).settings.tracesExporter).toBe(
      'otlp',
    );
  });
});

describe('is there somewhere for telemetry to go', () => {
  test.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ [VARIABLES.endpoint]: 'http://h:1' }, true],
    [{ [VARIABLES.tracesEndpoint]: 'http://h:1/v1/traces' }, true],
    [{ [VARIABLES.metricsEndpoint]: 'http://h:1/v1/metrics' }, true],
    [{ [VARIABLES.tracesExporter]: 'none' }, true],
    [{ [VARIABLES.tracesExporter]: 'console' }, true],
    [{ [VARIABLES.tracesExporter]: 'otlp' }, false],
    [{ [VARIABLES.metricsExporter]: 'none' }, false],
  ])('%j: %s', (env, expected) => {
    expect(hasDestination(mergeSettings([], env, undefined).settings)).toBe(expected);
  });
});
