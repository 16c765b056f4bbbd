/** The observer of a pod, and what the hooks are told of it. */
import { describe, expect, test } from '@jest/globals';
import { admit, instrumentation, pod } from '../support/pods.js';

const PYTHON = { 'openlit.io/inject-python': 'true' };
const OBSERVER = 'openlit-instrument-observer';
const using = (spec: object, more: object = {}) => ({
  resources: { instrumentations: [instrumentation(spec)], ...more },
});

test('programs read our files and cannot change them; the observer has its socket there', () => {
  const { container } = admit(pod(PYTHON));
  const mount = { name: 'openlit-instrument', mountPath: '/openlit-instrument' };
  expect(container().volumeMounts).toEqual([{ ...mount, readOnly: true }]);
  expect(container(OBSERVER).volumeMounts).toEqual([mount]);
  expect(container(OBSERVER).command!.at(-1)).toBe('/openlit-instrument/run/observer.sock');
});

test('messages of calls are taken only where the resource asks for them', () => {
  const told = (spec: object) => JSON.parse(admit(pod(PYTHON), using(spec)).env()['OPENLIT_INSTRUMENT_TAP']!) as object;
  expect(told({})).toEqual({
    v: 1,
    socket: '/openlit-instrument/run/observer.sock',
    view: true,
    retry: true,
    wait: false,
    content: false,
  });
  expect(told({ captureContent: true })).toMatchObject({ content: true });
});

test('python -I reads no PYTHONPATH: said', () => {
  expect(admit(pod(PYTHON, [{ command: ['python3', '-I', 'x.py'] }]))).toMatchObject({
    patch: undefined,
    codes: ['refused'],
  });
  expect(admit(pod(PYTHON, [{ command: ['sh', '-c', 'python3 x.py'] }])).codes).toEqual([]);
});

describe('where it sends', () => {
  const own = (value: string) => [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value }];

  test('as the container says, but for a word that refers to others of the container', () => {
    expect(admit(pod(PYTHON, [{ env: own('http://mine:4318') }])).env(OBSERVER)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://mine:4318',
    });
    expect(admit(pod(PYTHON, [{ env: own('http://$(HOST):4318') }])).env(OBSERVER)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    });
  });

  test('two containers that say different things: the first, and that is said', () => {
    const annotations = { ...PYTHON, 'openlit.io/container-names': 'app,app2' };
    const { codes, env } = admit(pod(annotations, [{ env: own('http://one:4318') }, { env: own('http://two:4318') }]));
    expect([codes, env(OBSERVER)['OTEL_EXPORTER_OTLP_ENDPOINT']]).toEqual([['other-exporter'], 'http://one:4318']);
  });

  test('an argument of a sampler without its sampler keeps ours away', () => {
    const env = [{ name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.1' }];
    const { env: after } = admit(
      pod({ 'openlit.io/inject-sdk': 'true' }, [{ env }]),
      using({ sampler: { type: 'always_off' } }),
    );
    expect(after()['OTEL_TRACES_SAMPLER']).toBeUndefined();
  });

  test('files of TLS are mounted where they are used, under names that a volume may have', () => {
    const secretName = `certs.${'x'.repeat(80)}`;
    const spec = { exporter: { endpoint: 'https://c:4318', tls: { secretName, cert: 'c' } } };
    const { container, after } = admit(pod(PYTHON), using(spec, { secrets: { [secretName]: ['c'] } }));
    const [, mount] = container(OBSERVER).volumeMounts!;
    expect(container().volumeMounts).toHaveLength(1);
    expect(mount!.name.length).toBeLessThanOrEqual(63);
    expect(after.spec.volumes!.map(({ name }) => name)).toContain(mount!.name);
  });
});
