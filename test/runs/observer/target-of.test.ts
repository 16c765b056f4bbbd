/** Whose calls a tap hands over: from its hello, the launch, and the place where both run. */
import { expect, test } from '@jest/globals';
import { type Launched, targetOfTap } from '../../../src/runs/observer/target-of.js';

const LAUNCHED = {
  env: { OTEL_SERVICE_NAME: 'launch', POD_NAMESPACE: 'shop' },
  named: { resourceAttributes: {} },
  settings: {} as Launched['settings'],
  version: '1.2.3',
};
const HELLO = {
  version: 1,
  runtime: 'python',
  runtime_version: '3.12.1',
  pid: 7,
  ppid: 1,
  executable: '/usr/bin/python3',
  env: {},
};
const ID = '4f0123456789abcd'.repeat(4);
const UID = '0a1b2c3d-0000-1111-2222-333344445555';

test('a process in a pod', () => {
  const { resource, ...target } = targetOfTap(LAUNCHED, { container: ID, podUid: UID })(HELLO as never);
  expect(target).toMatchObject({ pid: 7, process: 'python3' });
  expect(resource.attributes).toMatchObject({
    'service.name': 'launch',
    'process.runtime.name': 'cpython',
    'process.runtime.version': '3.12.1',
    'container.id': ID,
    'k8s.pod.uid': UID,
    'k8s.namespace.name': 'shop',
  });
});

test('the process itself knows its name better than the launch; outside of a container there is no id of one', () => {
  const hello = { ...HELLO, env: { OTEL_SERVICE_NAME: 'own' }, runtime: 'node' };
  const { attributes } = targetOfTap(LAUNCHED, {})(hello as never).resource;
  expect(attributes).toMatchObject({ 'service.name': 'own', 'process.runtime.name': 'nodejs' });
  expect(Object.keys(attributes).filter(name => /^(container|k8s)\./.test(name))).toEqual([]);
});
