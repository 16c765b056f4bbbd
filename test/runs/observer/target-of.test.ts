/** Whose calls they are: what the tap says of its process, what its program says of itself, and what the launch was told. */
import { describe, expect, test } from '@jest/globals';
import { type Launched, targetOfTap } from '../../../src/runs/observer/target-of.js';
import { telemetrySettingsFromEnvironment } from '../../../src/telemetry/settings.js';
import type { TapHello } from '../../../src/wire/transport/tap-connection.js';

const settings = telemetrySettingsFromEnvironment({});
const HELLO: TapHello = {
  version: 1,
  runtime: 'python',
  runtime_version: '3.12.1',
  pid: 42,
  ppid: 41,
  executable: '/usr/bin/python3.12',
  command: 'app.py',
};
const target = (hello: TapHello, launched: Partial<Launched> = {}) =>
  targetOfTap(
    { env: {}, named: { resourceAttributes: {} }, settings, version: '1.2.3', ...launched },
    {
      container: 'c'.repeat(64),
    },
  )(hello);
const attributes = (...given: Parameters<typeof target>) => target(...given).resource.attributes;

test('the facts of its process, by their conventional names', () => {
  expect(target(HELLO)).toMatchObject({ pid: 42, process: 'python3.12', settings });
  expect(attributes(HELLO)).toMatchObject({
    'process.pid': 42,
    'process.parent_pid': 41,
    'process.executable.name': 'python3.12',
    'process.executable.path': '/usr/bin/python3.12',
    'process.command': 'app.py',
    'process.runtime.name': 'cpython',
    'process.runtime.version': '3.12.1',
    'container.id': 'c'.repeat(64),
    'telemetry.distro.name': 'openlit-instrument',
    'telemetry.distro.version': '1.2.3',
  });
  expect(attributes({ ...HELLO, runtime: 'node' })['process.runtime.name']).toBe('nodejs');
});

test('what it does not say is absent', () => {
  const found = target({ version: 1 });
  expect([found.pid, found.process]).toEqual([undefined, undefined]);
  expect(Object.keys(found.resource.attributes).filter(name => name.startsWith('process.'))).toEqual([]);
  expect(Object.values(found.resource.attributes)).not.toContain(undefined);
});

describe('its name', () => {
  test.each<[string, TapHello, Partial<Launched>, string]>([
    ['that of its program where nobody says one', HELLO, {}, 'unknown_service:python3.12'],
    ["the launch's environment", HELLO, { env: { OTEL_SERVICE_NAME: 'launch' } }, 'launch'],
    [
      "the program's own environment, which a script may have set for one of its children",
      { ...HELLO, env: { OTEL_SERVICE_NAME: 'child' } },
      { env: { OTEL_SERVICE_NAME: 'launch' } },
      'child',
    ],
    [
      'our flag or file, over all',
      { ...HELLO, env: { OTEL_SERVICE_NAME: 'child' } },
      { env: { OTEL_SERVICE_NAME: 'launch' }, named: { serviceName: 'flag', resourceAttributes: {} } },
      'flag',
    ],
  ])('%s', (_name, hello, launched, expected) => {
    expect(attributes(hello, launched)['service.name']).toBe(expected);
  });

  test('attributes of all three, the flag first', () => {
    const found = attributes(
      { ...HELLO, env: { OTEL_RESOURCE_ATTRIBUTES: 'a=child,b=child' } },
      { env: { OTEL_RESOURCE_ATTRIBUTES: 'c=launch' }, named: { resourceAttributes: { a: 'flag' } } },
    );
    expect(found).toMatchObject({ a: 'flag', b: 'child' });
  });
});
