import { describe, expect, test } from '@jest/globals';
import { buildResource, parseResourceAttributes } from '../../src/telemetry/resource.js';

const CONTAINER = '0123456789abcdef'.repeat(4);
const POD = '12345678-90ab-cdef-1234-567890abcdef';
const attributes = (input: Omit<Parameters<typeof buildResource>[0], 'version'>) =>
  buildResource({ ...input, version: '1.2.3' }).attributes;

describe('buildResource', () => {
  test('what everybody has', () => {
    expect(attributes({ env: {} })).toEqual({
      'service.name': 'unknown_service',
      'telemetry.sdk.name': 'openlit',
      'telemetry.sdk.version': '1.2.3',
      'telemetry.distro.name': 'openlit-instrument',
      'telemetry.distro.version': '1.2.3',
    });
  });

  test("the target's environment, its process and its host", () => {
    expect(
      attributes({
        env: { OTEL_RESOURCE_ATTRIBUTES: 'team=a%20b,service.name=from-attributes', OTEL_SERVICE_NAME: 'from-name' },
        process: { pid: 7, executableName: 'node', runtimeName: 'nodejs', runtimeVersion: '20.1.0', owner: 'me' },
        host: { name: 'h', arch: 'x64', osType: 'linux' },
      }),
    ).toMatchObject({
      'service.name': 'from-name',
      team: 'a b',
      'process.pid': 7,
      'process.executable.name': 'node',
      'process.runtime.name': 'nodejs',
      'telemetry.sdk.language': 'nodejs',
      'host.name': 'h',
      'host.arch': 'amd64',
      'os.type': 'linux',
    });
  });

  test('our flags win over everything, and telemetry.sdk.name is ours', () => {
    expect(
      attributes({
        env: {
          OTEL_SERVICE_NAME: 'env',
          OTEL_DEPLOYMENT_ENVIRONMENT: 'env',
          OTEL_RESOURCE_ATTRIBUTES: 'a=env,telemetry.sdk.name=other',
        },
        settings: { serviceName: 'flag', environment: 'prod', resourceAttributes: { a: 'flag' } },
      }),
    ).toMatchObject({
      'service.name': 'flag',
      a: 'flag',
      'deployment.environment.name': 'prod',
      'deployment.environment': 'prod',
      'telemetry.sdk.name': 'openlit',
    });
  });

  test("the observer's environment says only what the target's does not", () => {
    expect(
      attributes({
        observer: {
          OTEL_SERVICE_NAME: 'observer',
          OTEL_DEPLOYMENT_ENVIRONMENT: 'observer',
          OTEL_RESOURCE_ATTRIBUTES: 'team=observer,region=observer,process.pid=1',
        },
        env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=target,team=target' },
        process: { pid: 7 },
      }),
    ).toMatchObject({
      'service.name': 'target',
      team: 'target',
      region: 'observer',
      'process.pid': 7,
      'deployment.environment.name': 'observer',
    });
  });

  test('an environment under either name stands under both', () => {
    for (const name of ['deployment.environment', 'deployment.environment.name']) {
      expect(attributes({ env: { OTEL_RESOURCE_ATTRIBUTES: `${name}=stage` } })).toMatchObject({
        'deployment.environment.name': 'stage',
        'deployment.environment': 'stage',
      });
    }
  });

  test('the name falls back to the executable', () => {
    expect(attributes({ env: {}, process: { executableName: 'python3.11' } })['service.name']).toBe(
      'unknown_service:python3.11',
    );
  });

  test('Kubernetes: downward API names, pod uid, host name of the form of a pod', () => {
    expect(
      attributes({
        env: { POD_NAMESPACE: 'shop', NODE_NAME: 'n1', HOSTNAME: 'web-7c9d8f-abc12' },
        process: { containerId: CONTAINER, podUid: POD },
      }),
    ).toMatchObject({
      'k8s.pod.uid': POD,
      'k8s.namespace.name': 'shop',
      'k8s.node.name': 'n1',
      'k8s.pod.name': 'web-7c9d8f-abc12',
      'container.id': CONTAINER,
    });
  });

  test('outside of a cluster the same variables prove nothing', () => {
    const names = Object.keys(attributes({ env: { POD_NAME: 'x', HOSTNAME: 'build-abc12' } }));
    expect(names.filter(name => name.startsWith('k8s.'))).toEqual([]);
  });
});

test('resource attributes: broken pairs cost only themselves', () => {
  expect(parseResourceAttributes('a=1,=x,novalue,b=%zz,c="quoted"')).toEqual({ a: '1', b: '%zz', c: 'quoted' });
});

test('no credential: neither by its form in a name, nor by the name of an attribute', () => {
  const key = `sk-proj-${'Ab12'.repeat(6)}`;
  const env = {
    OTEL_SERVICE_NAME: `shop-${key}`,
    OTEL_RESOURCE_ATTRIBUTES: `team=core,db.password=plain,owner=${key}`,
  };
  const settings = { resourceAttributes: { 'vault.token': 'plain', place: 'hall' } };
  expect(buildResource({ env, settings, version: '1.2.3' }).attributes).toMatchObject({
    'service.name': 'shop-[REDACTED]',
    team: 'core',
    owner: '[REDACTED]',
    'db.password': '[REDACTED]',
    'vault.token': '[REDACTED]',
    place: 'hall',
  });
});
