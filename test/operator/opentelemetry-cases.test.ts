/**
 * The OpenTelemetry operator's own cases (its podmutator, sdk, helper and annotation tests, by their names), as data of ours.
 * Over 300 lines because it is a table. `differs` says where the result is another one here, and why.
 */
import { describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/operator/kubernetes.js';
import { type Asked, admit, instrumentation, NAMESPACE, pod } from '../support/pods.js';

const inject = (language: string, value = 'true') => ({
  [`instrumentation.opentelemetry.io/inject-${language}`]: value,
});
const names = (list: string, language = '') => ({
  [`instrumentation.opentelemetry.io/${language}${language && '-'}container-names`]: list,
});

interface Case {
  readonly theirs: string;
  readonly differs?: string;
  readonly pod: Pod;
  readonly asked?: Asked;
  /** By container: values that are there, null for none of that name. */
  readonly env?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** Init containers in their order. */
  readonly init?: readonly string[];
  /** Codes of reasons; without `env` nothing is changed. */
  readonly codes?: readonly string[];
}

const SPEC = {
  env: [
    { name: 'OTEL_TRACES_EXPORTER', value: 'otlp' },
    { name: 'OTEL_EXPORTER_OTLP_TIMEOUT', value: '20' },
    { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
    { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.85' },
  ],
  languages: { java: { image: 'their/java:1', env: [{ name: 'OTEL_JAVAAGENT_DEBUG', value: 'true' }] } },
};
const using = (spec: object, more: object = {}): Asked => ({
  resources: { instrumentations: [instrumentation(spec)], ...more },
});
const AGENT = '-javaagent:/openlit-instrument-java/javaagent.jar';
const COPIES = ['openlit-instrument-copy', 'openlit-instrument-observer'];
const SAMPLED = { sampler: { type: 'parentbased_traceidratio', argument: '0.25' }, propagators: ['b3', 'jaeger'] };

const CASES: readonly Case[] = [
  {
    theirs: 'javaagent injection, true',
    pod: pod(inject('java')),
    asked: using(
      {
        ...SPEC,
        exporter: {
          endpoint: 'https://c:4318',
          tls: {
            secretName: 'my-certs',
            configMapName: 'my-ca-bundle',
            ca: 'ca.crt',
            cert: 'cert.crt',
            key: 'key.key',
          },
        },
      },
      { secrets: { 'my-certs': ['cert.crt', 'key.key'] }, configMaps: { 'my-ca-bundle': ['ca.crt'] } },
    ),
    init: ['openlit-instrument-copy-java'],
    env: {
      app: {
        JAVA_TOOL_OPTIONS: AGENT,
        OTEL_JAVAAGENT_DEBUG: 'true',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_TIMEOUT: '20',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.85',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4318',
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/openlit-instrument-tls/configmap-my-ca-bundle/ca.crt',
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/openlit-instrument-tls/secret-my-certs/cert.crt',
        OTEL_EXPORTER_OTLP_CLIENT_KEY: '/openlit-instrument-tls/secret-my-certs/key.key',
        OTEL_NODE_IP: '{"fieldRef":{"fieldPath":"status.hostIP"}}',
        OTEL_POD_IP: '{"fieldRef":{"fieldPath":"status.podIP"}}',
      },
    },
  },
  {
    theirs: 'javaagent injection multiple containers, true',
    pod: pod({ ...inject('java'), ...names('app,app2') }, [{}, {}]),
    env: { app: { JAVA_TOOL_OPTIONS: AGENT }, app2: { JAVA_TOOL_OPTIONS: AGENT } },
    init: ['openlit-instrument-copy-java'],
  },
  {
    theirs: 'JAVA_TOOL_OPTIONS defined',
    pod: pod(inject('java'), [{ env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Dbaz=bar' }] }]),
    env: { app: { JAVA_TOOL_OPTIONS: `-Dbaz=bar ${AGENT}` } },
  },
  {
    theirs: 'JAVA_TOOL_OPTIONS defined as ValueFrom',
    differs: 'nothing is added: there, volume and init container stay behind, and nobody is told',
    pod: pod(inject('java'), [
      { env: [{ name: 'JAVA_TOOL_OPTIONS', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
    ]),
    codes: ['loader-variable'],
  },
  {
    theirs: 'nodejs injection, true',
    differs: 'our own hook and the observer of the pod; the program’s own exporters are not redirected',
    pod: pod(inject('nodejs')),
    init: COPIES,
    env: {
      app: {
        NODE_OPTIONS: '--require "/openlit-instrument/node/hook.cjs"',
        OTEL_EXPORTER_OTLP_ENDPOINT: null,
        OTEL_METRICS_EXPORTER: null,
      },
      'openlit-instrument-observer': { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
    },
  },
  {
    theirs: 'NODE_OPTIONS defined',
    differs: 'ours goes first, so that a preload of the program finds the modules as the hook left them',
    pod: pod(inject('nodejs'), [{ env: [{ name: 'NODE_OPTIONS', value: '-Dbaz=bar' }] }]),
    env: { app: { NODE_OPTIONS: '--require "/openlit-instrument/node/hook.cjs" -Dbaz=bar' } },
  },
  {
    theirs: 'python injection, true',
    differs: 'one folder, and none of the packages that come with it there',
    pod: pod(inject('python')),
    init: COPIES,
    env: {
      app: { PYTHONPATH: '/openlit-instrument/python', OTEL_EXPORTER_OTLP_PROTOCOL: null, OTEL_LOGS_EXPORTER: null },
    },
  },
  {
    theirs: 'PYTHONPATH defined',
    differs: 'the program’s folders stay before every package, as ours holds none',
    pod: pod(inject('python'), [{ env: [{ name: 'PYTHONPATH', value: '/foo:/bar' }] }]),
    env: { app: { PYTHONPATH: '/openlit-instrument/python:/foo:/bar' } },
  },
  {
    theirs: 'OTEL_TRACES_EXPORTER defined; OTEL_METRICS_EXPORTER defined; OTEL_EXPORTER_OTLP_PROTOCOL defined',
    pod: pod(inject('python'), [
      {
        env: [
          { name: 'OTEL_TRACES_EXPORTER', value: 'zipkin' },
          { name: 'OTEL_METRICS_EXPORTER', value: 'somebackend' },
          { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'somebackend' },
        ],
      },
    ]),
    env: {
      app: {
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_METRICS_EXPORTER: 'somebackend',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'somebackend',
      },
    },
  },
  {
    theirs: 'PYTHONPATH defined as ValueFrom',
    differs: 'nothing is added',
    pod: pod(inject('python'), [{ env: [{ name: 'PYTHONPATH', valueFrom: { fieldRef: { fieldPath: 'x' } } }] }]),
    codes: ['loader-variable'],
  },
  {
    theirs: 'dotnet injection, true',
    pod: pod(inject('dotnet')),
    init: ['openlit-instrument-copy-dotnet'],
    env: {
      app: {
        CORECLR_ENABLE_PROFILING: '1',
        CORECLR_PROFILER: '{918728DD-259F-4A6A-AC2B-B85E1B658318}',
        CORECLR_PROFILER_PATH: '/openlit-instrument-dotnet/linux-x64/OpenTelemetry.AutoInstrumentation.Native.so',
        DOTNET_STARTUP_HOOKS: '/openlit-instrument-dotnet/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll',
        DOTNET_ADDITIONAL_DEPS: '/openlit-instrument-dotnet/AdditionalDeps',
        DOTNET_SHARED_STORE: '/openlit-instrument-dotnet/store',
        OTEL_DOTNET_AUTO_HOME: '/openlit-instrument-dotnet',
      },
    },
  },
  {
    theirs: 'CORECLR_ENABLE_PROFILING, CORECLR_PROFILER, DOTNET_STARTUP_HOOKS, … defined',
    differs: 'another profiler keeps the agent out: half of an agent is none',
    pod: pod(inject('dotnet'), [{ env: [{ name: 'CORECLR_PROFILER', value: '{another}' }] }]),
    codes: ['refused'],
  },
  {
    theirs: 'DOTNET_STARTUP_HOOKS, DOTNET_SHARED_STORE defined',
    pod: pod(inject('dotnet'), [
      {
        env: [
          { name: 'DOTNET_STARTUP_HOOKS', value: '/foo:/bar' },
          { name: 'DOTNET_SHARED_STORE', value: '/s' },
        ],
      },
    ]),
    env: {
      app: {
        DOTNET_STARTUP_HOOKS:
          '/foo:/bar:/openlit-instrument-dotnet/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll',
        DOTNET_SHARED_STORE: '/s:/openlit-instrument-dotnet/store',
      },
    },
  },
  {
    theirs: 'OTEL_DOTNET_AUTO_HOME already set in the container',
    pod: pod(inject('dotnet'), [{ env: [{ name: 'OTEL_DOTNET_AUTO_HOME', value: '/x' }] }]),
    codes: ['refused'],
  },
  {
    theirs: 'RUBYOPT defined',
    differs: 'no space between -r and the file: RUBYOPT knows only the joined form',
    pod: pod(inject('ruby'), [{ env: [{ name: 'RUBYOPT', value: '-W0' }] }]),
    env: { app: { RUBYOPT: '-W0 -r/openlit-instrument-ruby/src/autoinstrumentation' } },
    init: ['openlit-instrument-copy-ruby'],
  },
  {
    theirs: 'go injection, true; OTEL_GO_AUTO_TARGET_EXE not set; shared process namespace disabled',
    differs: 'no privileged sidecar: the node agent observes Go',
    pod: pod(inject('go')),
    codes: ['node-agent'],
  },
  {
    theirs: 'apache httpd injection, true; nginx injection, true',
    differs: 'they make no LLM calls: the node agent sees what passes through them',
    pod: pod({ ...inject('apache-httpd'), ...inject('nginx') }),
    codes: ['node-agent', 'node-agent'],
  },
  {
    theirs: 'TestInjectSdkOnly',
    pod: pod(inject('sdk')),
    init: [],
    env: {
      app: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        OTEL_SERVICE_NAME: 'web',
        OPENLIT_INSTRUMENT_TAP: null,
      },
    },
  },
  { theirs: 'annotation set, false', pod: pod(inject('java', 'false')), codes: [] },
  { theirs: 'annotation missing', pod: pod({}), codes: [] },
  {
    theirs: 'missing instrumentation',
    differs: 'a reason, and other languages go on: there an error ends them all',
    pod: pod(
      { ...inject('java', 'doesnotexists'), ...inject('python'), ...names('app', 'python'), ...names('app2', 'java') },
      [{}, {}],
    ),
    codes: ['no-such-resource'],
    env: { app: { PYTHONPATH: '/openlit-instrument/python' }, app2: { JAVA_TOOL_OPTIONS: null } },
  },
  {
    theirs: 'multi instrumentation for multiple containers feature gate enabled',
    pod: pod({ ...inject('java'), ...inject('python'), ...names('app', 'java'), ...names('app2', 'python') }, [
      {},
      {},
      {},
    ]),
    init: [...COPIES, 'openlit-instrument-copy-java'],
    env: {
      app: { JAVA_TOOL_OPTIONS: AGENT, PYTHONPATH: null },
      app2: { PYTHONPATH: '/openlit-instrument/python', JAVA_TOOL_OPTIONS: null },
      app3: { PYTHONPATH: null, JAVA_TOOL_OPTIONS: null, OTEL_SERVICE_NAME: null },
    },
  },
  {
    theirs: 'Multiple instrumentations enabled without containers',
    pod: pod({ ...inject('java'), ...inject('nodejs') }, [{}, {}]),
    codes: ['names-needed', 'names-needed'],
  },
  {
    theirs: 'Multiple instrumentations enabled with containers for single instrumentation',
    differs: 'the one with names is done',
    pod: pod({ ...inject('java'), ...names('app', 'java'), ...inject('nodejs') }, [{}, {}]),
    codes: ['names-needed'],
    env: { app: { JAVA_TOOL_OPTIONS: AGENT } },
  },
  {
    theirs: 'Multiple instrumentations enabled with duplicated containers',
    differs: 'the first language gets the container: there nothing is done',
    pod: pod({ ...inject('java'), ...inject('nodejs'), ...names('app', 'java'), ...names('app', 'nodejs') }),
    codes: ['bad-names'],
    env: { app: { JAVA_TOOL_OPTIONS: null, NODE_OPTIONS: '--require "/openlit-instrument/node/hook.cjs"' } },
  },
  {
    theirs: 'Multiple instrumentations enabled with duplicated containers for single instrumentation',
    differs: 'a name that stands twice counts once',
    pod: pod({ ...inject('java'), ...names('app,app') }),
    env: { app: { JAVA_TOOL_OPTIONS: AGENT } },
  },
  {
    theirs: 'secret and configmap does not exists',
    pod: pod(inject('java')),
    asked: using({ exporter: { endpoint: 'https://c', tls: { secretName: 'my-certs' } } }),
    codes: ['tls-missing'],
  },
  {
    theirs: 'TLS without https (a warning of their CRD)',
    pod: pod(inject('java')),
    asked: using({ exporter: { endpoint: 'http://c:4318', tls: { ca: '/etc/ca.pem' } } }),
    codes: ['tls-mismatch'],
    env: { app: { OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/ca.pem' } },
  },
  {
    theirs: 'TestInitContainerInstrumentation; init containers sorted by pod order, not annotation order',
    pod: pod({ ...inject('python'), ...names('app,init-c,init-b') }, [{}], {
      spec: { initContainers: ['init-a', 'init-b', 'init-c'].map(name => ({ name, image: 'app:1' })) },
    }),
    init: ['init-a', ...COPIES, 'init-b', 'init-c'],
    env: {
      'init-a': { PYTHONPATH: null },
      'init-b': { PYTHONPATH: '/openlit-instrument/python', OTEL_SERVICE_NAME: 'web' },
      'init-c': { PYTHONPATH: '/openlit-instrument/python' },
    },
  },
  {
    theirs: 'AutoInstrumentation_Already_Inject',
    pod: pod(inject('python'), [{}], {
      spec: { initContainers: [{ name: 'opentelemetry-auto-instrumentation-nodejs' }] },
    }),
    codes: ['by-another'],
  },
  {
    theirs: 'AutoInstrumentation_Already_Inject_go',
    pod: pod(inject('python'), [{}, { name: 'opentelemetry-auto-instrumentation' }]),
    codes: ['by-another'],
  },
  {
    theirs: 'AutoInstrumentation_Already_Inject_no_init_containers',
    pod: pod(inject('python'), [{ env: [{ name: 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', value: 'value' }] }]),
    codes: ['by-another'],
  },
  {
    theirs: 'SDK env vars not defined',
    pod: pod({ ...inject('sdk'), 'resource.opentelemetry.io/foo': 'bar' }, [{ image: 'app:v1@sha256:12ab' }]),
    asked: using({
      ...SAMPLED,
      exporter: { endpoint: 'https://collector:4317' },
      resource: { addUids: true, attributes: { foo: 'hidden' } },
    }),
    env: {
      app: {
        OTEL_SERVICE_NAME: 'web',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4317',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_PROPAGATORS: 'b3,jaeger',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        OTEL_RESOURCE_ATTRIBUTES:
          'foo=bar,k8s.container.name=app,k8s.deployment.name=web,k8s.deployment.uid=dep-uid,k8s.namespace.name=shop,' +
          'k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME),k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),' +
          'k8s.pod.uid=$(OTEL_RESOURCE_ATTRIBUTES_POD_UID),k8s.replicaset.name=web-6f7,k8s.replicaset.uid=rs-uid,' +
          'service.instance.id=shop.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).app,service.namespace=shop,service.version=v1@sha256:12ab',
      },
    },
  },
  {
    theirs: 'Resource attribute from CRD',
    pod: pod(inject('sdk'), [{}], { spec: { nodeName: 'node-1' } }),
    asked: using({
      resource: { attributes: { 'k8s.container.name': 'x', 'k8s.node.name': 'x', 'service.version': 'x', own: 'y' } },
    }),
    env: {
      app: {
        OTEL_RESOURCE_ATTRIBUTES:
          'k8s.container.name=app,k8s.deployment.name=web,k8s.namespace.name=shop,k8s.node.name=node-1,' +
          'k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),k8s.replicaset.name=web-6f7,own=y,' +
          'service.instance.id=shop.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).app,service.namespace=shop,service.version=1',
      },
    },
  },
  {
    theirs: 'SDK env vars defined',
    pod: pod(inject('sdk'), [
      {
        env: [
          { name: 'OTEL_SERVICE_NAME', value: 'explicit' },
          { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'explicitly_set' },
          { name: 'OTEL_PROPAGATORS', value: 'b3' },
          { name: 'OTEL_TRACES_SAMPLER', value: 'always_on' },
        ],
      },
    ]),
    asked: using(SAMPLED),
    env: {
      app: {
        OTEL_SERVICE_NAME: 'explicit',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'explicitly_set',
        OTEL_PROPAGATORS: 'b3',
        OTEL_TRACES_SAMPLER: 'always_on',
        OTEL_TRACES_SAMPLER_ARG: null,
      },
    },
  },
  {
    theirs: 'Empty instrumentation spec',
    pod: pod(inject('sdk')),
    asked: { resources: { instrumentations: [{ namespace: 'shop', name: 'x', spec: {} }] } },
    env: {
      app: {
        OTEL_EXPORTER_OTLP_ENDPOINT: null,
        OTEL_PROPAGATORS: null,
        OTEL_TRACES_SAMPLER: null,
        OTEL_SERVICE_NAME: 'web',
      },
    },
  },
];

describe.each(CASES.map(one => [one.theirs, one] as const))('%s', (_, given) => {
  test(given.differs ?? 'as there', () => {
    const answer = admit(given.pod, given.asked);
    expect(answer.codes).toEqual(given.codes ?? []);
    if (given.env === undefined) expect(answer.patch).toBeUndefined();
    for (const [container, expected] of Object.entries(given.env ?? {})) {
      const found = answer.env(container);
      const asked = Object.keys(expected).map(name => [name, found[name] ?? null]);
      expect(Object.fromEntries(asked)).toEqual(expected);
    }
    if (given.init) expect((answer.after.spec.initContainers ?? []).map(({ name }) => name)).toEqual(given.init);
  });
});

describe('annotation values of pod and namespace', () => {
  test.each([
    ['pod-true-overrides-ns', 'true', 'false', 'default'],
    ['ns-has-concrete-instance', 'true', 'other', 'other'],
    ['pod-has-concrete-instance', 'default', 'other', 'default'],
    ['pod-has-explicit-false', 'false', 'other', undefined],
    ['pod-has-no-annotations', undefined, 'other', 'other'],
    ['ns-has-no-annotations', 'true', undefined, 'default'],
  ])('%s', (_, own, outer, chosen) => {
    const marked = (name: string) => ({ name, spec: { exporter: { endpoint: `http://${name}:4318` } } });
    const all = [marked('default'), ...(outer === 'other' ? [marked('other')] : [])].map(one => ({
      ...one,
      namespace: 'shop',
    }));
    const annotations = outer === undefined ? {} : inject('sdk', outer);
    const answer = admit(pod(own === undefined ? {} : inject('sdk', own)), {
      namespace: { ...NAMESPACE, annotations },
      resources: { instrumentations: all },
    });
    expect(answer.env()['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe(chosen && `http://${chosen}:4318`);
  });

  test('an annotation of ours wins over its alias', () => {
    expect(admit(pod({ ...inject('python'), 'openlit.io/inject-python': 'false' })).patch).toBeUndefined();
    expect(admit(pod({ ...inject('python'), 'openlit.io/instrument': 'false' })).patch).toBeUndefined();
  });
});

describe('TestChooseServiceName', () => {
  const chain = (...links: [kind: string, name: string][]) => links.map(([kind, name]) => ({ kind, name }));
  const LABELS = { 'app.kubernetes.io/instance': 'instance', 'app.kubernetes.io/name': 'name' };

  test.each<[string, Asked['owner'], object, boolean, string]>([
    ['first container', [], {}, false, 'app'],
    ['from pod', [], { name: 'my-pod' }, false, 'my-pod'],
    ['from pod label - useLabels=false', [], { name: 'my-pod', labels: LABELS }, false, 'my-pod'],
    ['from pod label - useLabels=true', [], { name: 'my-pod', labels: LABELS }, true, 'instance'],
    ['from replicaset', chain(['ReplicaSet', 'rs']), {}, false, 'rs'],
    ['from deployment', chain(['ReplicaSet', 'rs'], ['Deployment', 'dep']), {}, false, 'dep'],
    ['from cronjob', chain(['Job', 'job'], ['CronJob', 'cron']), {}, false, 'cron'],
    ['from job', chain(['Job', 'job']), {}, false, 'job'],
    ['from statefulset', chain(['StatefulSet', 'set']), {}, false, 'set'],
    ['from daemonset', chain(['DaemonSet', 'ds']), {}, false, 'ds'],
  ])('%s', (_, owner, metadata, useLabels, name) => {
    const { generateName: _dropped, ...rest } = pod(inject('sdk')).metadata!;
    const given = { ...pod({}), metadata: { ...rest, ...metadata } };
    const asked = { owner: owner!, ...using({ resource: { useLabels } }) };
    expect(admit(given, asked).env()['OTEL_SERVICE_NAME']).toBe(name);
    const annotated = {
      ...given,
      metadata: {
        ...given.metadata,
        annotations: { ...inject('sdk'), 'resource.opentelemetry.io/service.name': 'said' },
      },
    };
    expect(admit(annotated, asked).env()['OTEL_SERVICE_NAME']).toBe('said');
  });

  test('a name among the attributes of the program stays (there, the derived name hides it)', () => {
    const env = [{ name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'service.name=mine' }];
    expect(admit(pod(inject('sdk'), [{ env }])).env()['OTEL_SERVICE_NAME']).toBeUndefined();
  });
});

test.each([
  ['no version', 'img', undefined],
  ['with tag', 'img:1', '1'],
  ['with tag and digest', 'img:1@sha256:23', '1@sha256:23'],
  ['with digest', 'img@sha256:23', 'sha256:23'],
  ['with registry', 'registry.io/img', undefined],
  ['with port', 'registry.io:8080/img', undefined],
  ['latest', 'img:latest', 'latest'],
])('Test_parseServiceVersionFromImage: %s', (_, image, version) => {
  const value = admit(pod(inject('sdk'), [{ image }])).env()['OTEL_RESOURCE_ATTRIBUTES']!;
  expect(/service\.version=([^,]*)/.exec(value)?.[1]).toBe(version);
});

test('samplers and propagators that do not exist are a reason (there, the CRD refuses them)', () => {
  for (const spec of [
    { sampler: { type: 'sometimes' } },
    { sampler: { type: 'traceidratio', argument: '2' } },
    { propagators: ['b4'] },
  ]) {
    expect(admit(pod(inject('java')), using(spec))).toMatchObject({ patch: undefined, codes: ['bad-sampler'] });
  }
});
