/**
 * Faults of others with instrumentation in Kubernetes, each by the name of its case. Here is what the decision alone can
 * show; what an API server or a kubelet decides is shown on one.
 */
import { describe, expect, test } from '@jest/globals';
import { admit, instrumentation, NAMESPACE, pod } from '../support/pods.js';

const PYTHON = { 'openlit.io/inject-python': 'true' };
const NODE = { 'openlit.io/inject-nodejs': 'true' };
const HOOK = '/openlit-instrument/python';
const OURS = '--require "/openlit-instrument/node/hook.cjs"';

describe("K1 PYTHONPATH in the image's ENV", () => {
  const image = (env: Record<string, string>) => ({ images: { 'app:1': { env } } });

  test('is kept behind ours', () => {
    const { env } = admit(pod(PYTHON), { resources: image({ PYTHONPATH: '/app/lib' }) });
    expect(env()['PYTHONPATH']).toBe(`${HOOK}:/app/lib`);
  });

  test('keeps its $( from the kubelet', () => {
    expect(admit(pod(PYTHON), { resources: image({ PYTHONPATH: '/a$(b)' }) }).env()['PYTHONPATH']).toBe(
      `${HOOK}:/a$$(b)`,
    );
  });

  test('an image that nobody knows is left alone, and nothing is added; the team or the settings may say otherwise', () => {
    const { patch, codes } = admit(pod(PYTHON), { resources: { images: {} } });
    expect([patch, codes]).toEqual([undefined, ['loader-variable']]);
    const said = admit(pod({ ...PYTHON, 'openlit.io/ignore-image-env': 'true' }), { resources: { images: {} } });
    expect(said.env()['PYTHONPATH']).toBe(HOOK);
    const set = admit(pod(PYTHON), { resources: { images: {} }, settings: { unknownImage: 'assume-empty' } });
    expect(set.env()['PYTHONPATH']).toBe(HOOK);
  });

  test('a value in the manifest hides that of the image, which then need not be known', () => {
    const given = pod(PYTHON, [{ env: [{ name: 'PYTHONPATH', value: '/x' }] }]);
    expect(admit(given, { resources: { images: {} } }).env()['PYTHONPATH']).toBe(`${HOOK}:/x`);
  });
});

describe('K2 PYTHONPATH in the manifest', () => {
  test('by value: composed, in its place', () => {
    const { container, env } = admit(
      pod(PYTHON, [
        {
          env: [
            { name: 'PYTHONPATH', value: '/a:/b' },
            { name: 'X', value: '$(PYTHONPATH)' },
          ],
        },
      ]),
    );
    expect(env()['PYTHONPATH']).toBe(`${HOOK}:/a:/b`);
    const names = container().env!.map(({ name }) => name);
    expect(names.indexOf('PYTHONPATH')).toBeLessThan(names.indexOf('X'));
  });

  test.each([
    ['valueFrom', { env: [{ name: 'PYTHONPATH', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }],
    ['envFrom', { envFrom: [{ configMapRef: { name: 'c' } }] }],
    ['envFrom with a prefix', { envFrom: [{ prefix: 'PYTHON', secretRef: { name: 's' } }] }],
    ['envFrom of what cannot be read', { envFrom: [{ secretRef: { name: 'hidden' } }] }],
  ])('by %s: the container is left alone, with a reason and nothing else added', (_, container) => {
    const given = { configMaps: { c: ['PYTHONPATH'] }, secrets: { s: ['PATH'] } };
    const { patch, reasons } = admit(pod(PYTHON, [container]), { resources: given });
    expect(patch).toBeUndefined();
    expect(reasons).toEqual([
      { code: 'loader-variable', language: 'python', container: 'app', text: expect.stringContaining('PYTHONPATH') },
    ]);
  });

  test('one container that is left alone does not cost the other', () => {
    const envFrom = [{ configMapRef: { name: 'c' } }];
    const given = pod({ ...PYTHON, 'openlit.io/container-names': 'app,app2' }, [{ envFrom }, {}]);
    const { codes, container, env } = admit(given, { resources: { configMaps: { c: ['PYTHONPATH'] } } });
    expect(codes).toEqual(['loader-variable']);
    expect(container('app')).toEqual(given.spec.containers[0]);
    expect(env('app2')['PYTHONPATH']).toBe(HOOK);
  });
});

describe('K3 NODE_OPTIONS', () => {
  test('from envFrom is kept', () => {
    const given = pod(NODE, [{ envFrom: [{ configMapRef: { name: 'c' } }] }]);
    expect(admit(given, { resources: { configMaps: { c: ['NODE_OPTIONS'] } } })).toMatchObject({
      patch: undefined,
      codes: ['loader-variable'],
    });
    // Other keys are in nobody's way, and neither is a ConfigMap that does not exist.
    expect(admit(given, { resources: { configMaps: { c: ['LOG_LEVEL'] } } }).env()['NODE_OPTIONS']).toBe(OURS);
    expect(admit(given, { resources: { configMaps: { c: null } } }).env()['NODE_OPTIONS']).toBe(OURS);
  });

  test('by value is kept behind ours', () => {
    const given = pod(NODE, [{ env: [{ name: 'NODE_OPTIONS', value: '--openssl-legacy-provider' }] }]);
    expect(admit(given).env()['NODE_OPTIONS']).toBe(`${OURS} --openssl-legacy-provider`);
  });

  test('with the permission model on, a hook would end the program', () => {
    const given = pod(NODE, [{ env: [{ name: 'NODE_OPTIONS', value: '--permission' }] }]);
    expect(admit(given)).toMatchObject({ patch: undefined, codes: ['refused'] });
  });
});

test('K5 musl: .NET gets its variant by the image or by the word of the pod; no file of ours has native code', () => {
  const path = (annotations: Record<string, string>, libc: 'glibc' | 'musl') =>
    admit(pod({ 'openlit.io/inject-dotnet': 'true', ...annotations }), {
      resources: { images: { 'app:1': { env: {}, libc } } },
    }).env()['CORECLR_PROFILER_PATH'];
  expect(path({}, 'glibc')).toContain('/linux-x64/');
  expect(path({}, 'musl')).toContain('/linux-musl-x64/');
  expect(path({ 'instrumentation.opentelemetry.io/otel-dotnet-auto-runtime': 'linux-musl-x64' }, 'glibc')).toContain(
    '/linux-musl-x64/',
  );
});

describe('K6, K7, K8 who our containers are', () => {
  const security = (given: ReturnType<typeof pod>, namespace = NAMESPACE) => {
    const { after } = admit(given, { namespace });
    return after.spec.initContainers!.map(({ securityContext }) => securityContext);
  };

  test('K8 restricted, whatever the pod is', () => {
    for (const one of security(pod(PYTHON))) {
      expect(one).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
  });

  test("K6 a number is named: the container's, else the pod's, else ours, never root", () => {
    const user = (container: object, spec: object) => security(pod(PYTHON, [{ ...container }], { spec }))[0]!.runAsUser;
    expect(user({ securityContext: { runAsUser: 7 } }, { securityContext: { runAsUser: 8 } })).toBe(7);
    expect(user({}, { securityContext: { runAsUser: 8 } })).toBe(8);
    expect(user({}, { securityContext: { runAsUser: 0 } })).toBe(65532);
  });

  test('K7 OpenShift gives the number, and the copy keeps neither owner nor times', () => {
    const namespace = { ...NAMESPACE, annotations: { 'openshift.io/sa.scc.uid-range': '1000680000/10000' } };
    expect(security(pod(PYTHON), namespace)[0]).not.toHaveProperty('runAsUser');
    expect(admit(pod(PYTHON)).container('openlit-instrument-copy').command).toEqual([
      'cp',
      '-r',
      '/payload/.',
      '/openlit-instrument',
    ]);
  });
});

describe('K9, K10 quotas and limits', () => {
  test('K9 everything that a quota counts is said by every container of ours', () => {
    const quota = ['limits.cpu', 'limits.memory', 'requests.cpu', 'memory', 'pods', 'limits.ephemeral-storage'];
    const { after } = admit(pod(PYTHON), { namespace: { ...NAMESPACE, quota } });
    for (const { resources } of after.spec.initContainers!) {
      expect(Object.keys(resources!.limits!).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
      expect(Object.keys(resources!.requests!).sort()).toEqual(['cpu', 'memory']);
    }
    expect(admit(pod(PYTHON)).container('openlit-instrument-copy').resources!.limits).not.toHaveProperty('cpu');
  });

  test('K9 what is limited because a quota counts it has room to start, within the limit range', () => {
    const cpu = (limitRange: object) => {
      const { container } = admit(pod(PYTHON), { namespace: { ...NAMESPACE, quota: ['limits.cpu'], limitRange } });
      return container('openlit-instrument-observer').resources!.limits!['cpu'];
    };
    expect([cpu({}), cpu({ max: { cpu: '200m' } }), cpu({ max: { cpu: '4' } })]).toEqual(['500m', '200m', '500m']);
  });

  test('K9 a limit range: its minimum is met, its maximum is said, and one that is too low is a reason', () => {
    const ranged = (limitRange: object) => admit(pod(PYTHON), { namespace: { ...NAMESPACE, limitRange } });
    const { requests, limits } = ranged({ min: { memory: '64Mi' }, max: { cpu: '2' } }).container(
      'openlit-instrument-copy',
    ).resources!;
    expect([requests!['memory'], limits!['cpu']]).toEqual(['64Mi', '2']);
    expect(ranged({ max: { memory: '128Mi' } })).toMatchObject({ patch: undefined, codes: ['limit-range'] });
  });

  test('K10 the copy has room for the page cache', () => {
    expect(admit(pod(PYTHON)).container('openlit-instrument-copy').resources!.limits!['memory']).toBe('256Mi');
  });
});

describe('K11 local storage', () => {
  const limited = (size: string) => admit(pod(PYTHON, [{ resources: { limits: { 'ephemeral-storage': size } } }]));

  test('a low limit is a reason to leave the pod alone', () => {
    expect(limited('60Mi')).toMatchObject({ patch: undefined, codes: ['little-storage'] });
    expect(limited('1Gi').codes).toEqual([]);
  });

  test('an autoscaler may still move the pod, and what it was told before stays', () => {
    const key = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
    const volumes = (before: object) => admit(pod({ ...PYTHON, ...before })).after.metadata!.annotations![key];
    expect(volumes({})).toBe('openlit-instrument');
    expect(volumes({ [key]: 'scratch' })).toBe('scratch,openlit-instrument');
  });
});

describe('K12 sidecars', () => {
  test('a proxy in front is not the program; a default container is', () => {
    const proxy = [{ name: 'istio-proxy' }, { name: 'web' }, { name: 'api' }];
    expect(admit(pod(PYTHON, proxy)).env('web')['PYTHONPATH']).toBe(HOOK);
    const chosen = admit(pod({ ...PYTHON, 'kubectl.kubernetes.io/default-container': 'api' }, proxy));
    expect([chosen.env('api')['PYTHONPATH'], chosen.env('web')['PYTHONPATH']]).toEqual([HOOK, undefined]);
  });

  test('behind native sidecars of others, and before the first init container that is observed', () => {
    const initContainers = [
      { name: 'istio-proxy', restartPolicy: 'Always' },
      { name: 'migrate', image: 'app:1' },
    ];
    const order = (names: string) =>
      admit(
        pod({ ...PYTHON, 'openlit.io/container-names': names }, [{}], { spec: { initContainers } }),
      ).after.spec.initContainers!.map(({ name }) => name);
    const ours = ['openlit-instrument-copy', 'openlit-instrument-observer'];
    expect(order('app')).toEqual(['istio-proxy', 'migrate', ...ours]);
    expect(order('app,migrate')).toEqual(['istio-proxy', ...ours, 'migrate']);
    expect(order('istio-proxy')).toEqual(['istio-proxy', 'migrate']);
  });
});

describe('K13 several languages', () => {
  const both = { ...PYTHON, 'openlit.io/inject-java': 'true' };

  test('one a container', () => {
    const names = { 'openlit.io/python-container-names': 'app', 'openlit.io/java-container-names': 'app2' };
    const { env, codes } = admit(pod({ ...both, ...names }, [{}, {}]));
    expect(env('app')).toMatchObject({ PYTHONPATH: HOOK });
    expect(env('app2')).toMatchObject({ JAVA_TOOL_OPTIONS: '-javaagent:/openlit-instrument-java/javaagent.jar' });
    expect([env('app')['JAVA_TOOL_OPTIONS'], codes]).toEqual([undefined, []]);
  });

  test('without names: said, as nobody knows which is which; Python and Node need none', () => {
    expect(admit(pod(both, [{}, {}]))).toMatchObject({ patch: undefined, codes: ['names-needed', 'names-needed'] });
    expect(admit(pod({ 'openlit.io/instrument': 'true' })).env()).toMatchObject({
      PYTHONPATH: HOOK,
      NODE_OPTIONS: OURS,
    });
  });

  test('one container for two languages, an unknown name, a name twice', () => {
    const names = { 'openlit.io/python-container-names': 'app,app,nobody', 'openlit.io/java-container-names': 'app' };
    const { codes, env } = admit(pod({ ...both, ...names }));
    expect(codes).toEqual(['no-such-container', 'bad-names']);
    expect(env()['PYTHONPATH']).toBe(HOOK);
    expect(env()['JAVA_TOOL_OPTIONS']).toBeUndefined();
    expect(admit(pod({ ...PYTHON, 'openlit.io/container-names': 'app,Not A Name' })).codes).toEqual(['bad-names']);
  });
});

describe('K14 resources', () => {
  const value = (text: string, instrumentations: ReturnType<typeof instrumentation>[], settings = {}) =>
    admit(pod({ 'openlit.io/inject-python': text }), { resources: { instrumentations }, settings });

  test('none, two, deleted, elsewhere', () => {
    expect(value('true', []).codes).toEqual(['no-resource']);
    expect(value('true', [instrumentation({}, 'a'), instrumentation({}, 'b')]).codes).toEqual(['several-resources']);
    expect(value('gone', [instrumentation()]).codes).toEqual(['no-such-resource']);
    expect(value('b', [instrumentation({}, 'a'), instrumentation({}, 'b')]).codes).toEqual([]);
    expect(value('other/b', [instrumentation({}, 'b', 'other')]).codes).toEqual([]);
    expect(value('true', [instrumentation({}, 'b', 'other')]).codes).toEqual(['no-resource']);
    expect(value('true', [], { defaults: {} }).codes).toEqual([]);
  });
});

test('K16 a second admission, with what others added in between, changes nothing', () => {
  const { after } = admit(pod(PYTHON));
  const more = { ...after, spec: { ...after.spec, volumes: [...after.spec.volumes!, { name: 'kube-api-access' }] } };
  expect(admit(more)).toMatchObject({ patch: undefined, codes: ['already-observed'] });
  const { annotations: _, ...metadata } = more.metadata!;
  // Somebody dropped our mark: the volume is one too.
  expect(admit({ ...more, metadata: { ...metadata, annotations: PYTHON } }).patch).toBeUndefined();
});

test('K21 nothing that we add keeps a Job from completing: what stays is a native sidecar', () => {
  const { after } = admit(pod(PYTHON), { owner: [{ kind: 'Job', name: 'nightly' }] });
  expect(after.spec.containers.map(({ name }) => name)).toEqual(['app']);
  expect(after.spec.initContainers!.map(({ restartPolicy }) => restartPolicy)).toEqual([undefined, 'Always']);
});

test('K21 a server without native sidecars would wait for the observer for ever: said, and only what needs none is done', () => {
  const given = pod(
    {
      ...PYTHON,
      'openlit.io/inject-sdk': 'true',
      'openlit.io/python-container-names': 'app',
      'openlit.io/sdk-container-names': 'app2',
    },
    [{}, {}],
  );
  const { codes, after, env } = admit(given, { settings: { nativeSidecars: false } });
  expect([codes, after.spec.initContainers]).toEqual([['old-server'], undefined]);
  expect(env('app2')).toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
});

test('K19, K20 a pod says by which state of which resource it was made', () => {
  const instrumentations = [{ ...instrumentation(), generation: 3 }];
  const by = (asked: object) => admit(pod(PYTHON), asked).after.metadata!.annotations!['openlit.io/injected-by'];
  expect(by({ resources: { instrumentations } })).toBe('shop/default@3');
  expect(by({ resources: { instrumentations: [] }, settings: { defaults: {} } })).toBe('default');
});

test('K20 an image of the resource stays, one that it does not name is the release’s', () => {
  const image = (languages: object) =>
    admit(pod({ 'openlit.io/inject-java': 'true' }), {
      resources: { instrumentations: [instrumentation({ languages })] },
      settings: { images: { own: 'own:2', java: 'java:2', dotnet: 'dotnet:2', ruby: 'ruby:2' } },
    }).container('openlit-instrument-copy-java').image;
  expect([image({}), image({ java: { image: 'mine:1' } })]).toEqual(['java:2', 'mine:1']);
});

test('K22 an annotation on the Deployment: said, with the place where it belongs', () => {
  const owner = [{ kind: 'Deployment', name: 'web', annotations: PYTHON }];
  const { patch, reasons } = admit(pod({}), { owner });
  expect([patch, reasons[0]!.code, reasons[0]!.text]).toEqual([
    undefined,
    'annotation-on-owner',
    'annotation openlit.io/inject-python stands on Deployment web; pods get those of spec.template.metadata',
  ]);
  expect(admit(pod({})).reasons).toEqual([]);
});

describe('K23 OTEL_RESOURCE_ATTRIBUTES', () => {
  const given = (value: string, annotations = {}) =>
    admit(
      pod({ ...PYTHON, ...annotations }, [
        {
          env: [
            { name: 'OTEL_RESOURCE_ATTRIBUTES', value },
            { name: 'A', value: 'a' },
          ],
        },
      ]),
    );

  test("the user's keys win, once each, and all stands behind what it refers to", () => {
    const { container, env } = given('team=red,k8s.container.name=mine,', { 'resource.opentelemetry.io/team': 'blue' });
    const value = env()['OTEL_RESOURCE_ATTRIBUTES']!;
    expect(value.startsWith('team=red,k8s.container.name=mine,k8s.deployment.name=web,')).toBe(true);
    const keys = value.split(',').map(pair => pair.split('=')[0]);
    expect(new Set(keys).size).toBe(keys.length);
    const names = container().env!.map(({ name }) => name);
    expect(names.at(-1)).toBe('OTEL_RESOURCE_ATTRIBUTES');
    for (const [, name] of value.matchAll(/\$\((\w+)\)/g)) expect(names).toContain(name);
  });

  test('what would break the form is encoded', () => {
    const { env } = given('', { 'resource.opentelemetry.io/note': 'a, b%=é' });
    expect(env()['OTEL_RESOURCE_ATTRIBUTES']).toContain('note=a%2C%20b%25=%C3%A9');
  });

  test('by valueFrom it is kept, and said', () => {
    const valueFrom = { configMapKeyRef: { name: 'c', key: 'k' } };
    const { codes, env } = admit(pod(PYTHON, [{ env: [{ name: 'OTEL_RESOURCE_ATTRIBUTES', valueFrom }] }]));
    expect([codes, env()['OTEL_RESOURCE_ATTRIBUTES']]).toEqual([['attributes-kept'], JSON.stringify(valueFrom)]);
  });
});

describe("K24 the pod's words beat the resource's, in every language", () => {
  const spec = {
    exporter: { endpoint: 'http://derived:4318' },
    env: [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://all:4318' },
      { name: 'OTEL_TRACES_EXPORTER', value: 'none' },
    ],
  };

  test.each(['python', 'nodejs', 'java', 'dotnet', 'ruby', 'sdk'] as const)('%s', language => {
    const where = language === 'python' || language === 'nodejs' ? 'openlit-instrument-observer' : 'app';
    const annotations = { [`openlit.io/inject-${language}`]: 'true' };
    const endpoint = (own: { name: string; value: string }[], more: object) =>
      admit(pod(annotations, [{ env: own }]), {
        resources: { instrumentations: [instrumentation({ ...spec, ...more })] },
      }).env(where)['OTEL_EXPORTER_OTLP_ENDPOINT'];
    const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    const special = { languages: { [language]: { env: [{ name, value: 'http://language:4318' }] } } };
    expect(endpoint([{ name, value: 'http://pod:4318' }], special)).toBe('http://pod:4318');
    expect(endpoint([], special)).toBe('http://language:4318');
    expect(endpoint([], {})).toBe('http://all:4318');
    expect(endpoint([], { env: [] })).toBe('http://derived:4318');
  });

  test('what hooks of ours send never moves what the program sends by itself', () => {
    const { env } = admit(pod(PYTHON), { resources: { instrumentations: [instrumentation(spec)] } });
    expect(Object.keys(env()).filter(name => /^OTEL_(EXPORTER|TRACES)/.test(name))).toEqual([]);
  });
});

test('a variable from a Secret that is not there would keep our containers, and so the pod, from starting', () => {
  const headers = (key: string, more = {}) =>
    admit(pod(PYTHON), {
      resources: {
        secrets: { token: ['headers'], gone: null },
        instrumentations: [
          instrumentation({
            env: [{ name: 'OTEL_EXPORTER_OTLP_HEADERS', valueFrom: { secretKeyRef: { name: 'token', key, ...more } } }],
          }),
        ],
      },
    });
  expect(headers('other')).toMatchObject({ patch: undefined, codes: ['variable-missing'] });
  expect(headers('headers', { name: 'gone' })).toMatchObject({ patch: undefined, codes: ['variable-missing'] });
  expect(headers('other', { optional: true }).codes).toEqual([]);
  const { env, patch } = headers('headers');
  expect(env('openlit-instrument-observer')['OTEL_EXPORTER_OTLP_HEADERS']).toContain('"name":"token"');
  expect(env()).not.toHaveProperty('OTEL_EXPORTER_OTLP_HEADERS');
  expect(patch).toBeDefined();
});

test('K25 the port says the protocol; Ruby, which speaks HTTP only, is told', () => {
  const at = (endpoint: string, language: string) =>
    admit(pod({ [`openlit.io/inject-${language}`]: 'true' }), {
      resources: { instrumentations: [instrumentation({ exporter: { endpoint } })] },
    });
  expect(at('http://c:4317', 'java').env()['OTEL_EXPORTER_OTLP_PROTOCOL']).toBe('grpc');
  expect(at('http://c:4318', 'java').env()['OTEL_EXPORTER_OTLP_PROTOCOL']).toBe('http/protobuf');
  expect(at('http://c:4317', 'ruby')).toMatchObject({ patch: undefined, codes: ['refused'] });
});

describe('K27 sizes and places', () => {
  test('Windows is skipped with a reason', () => {
    for (const spec of [{ os: { name: 'windows' } }, { nodeSelector: { 'kubernetes.io/os': 'windows' } }]) {
      expect(admit(pod(PYTHON, [{}], { spec }))).toMatchObject({ patch: undefined, codes: ['windows'] });
    }
  });

  test('16 containers with 500 variables each, all of them kept; host network and host pid change nothing', () => {
    const env = Array.from({ length: 500 }, (_, at) => ({ name: `V${at}`, value: 'x'.repeat(100) }));
    const containers = Array.from({ length: 16 }, (_, at) => ({ name: `c${at}`, env }));
    const names = containers.map(({ name }) => name).join(',');
    const spec: object = { hostNetwork: true, hostPID: true };
    const { env: after, codes } = admit(pod({ ...PYTHON, 'openlit.io/container-names': names }, containers, { spec }));
    expect(codes).toEqual([]);
    for (const { name } of containers) {
      expect(after(name)).toMatchObject({ PYTHONPATH: HOOK, V0: env[0]!.value, V499: env[0]!.value });
    }
  });
});

test('K28 its own namespace and those of the system are never touched', () => {
  for (const name of ['openlit-system', 'kube-system']) {
    const instrumentations = [instrumentation({}, 'default', name)];
    expect(admit(pod(PYTHON), { namespace: { name }, resources: { instrumentations } })).toMatchObject({
      patch: undefined,
      codes: ['excluded-namespace'],
    });
  }
});

test('K29 nothing in a pod names a processor, but for the path of .NET’s profiler', () => {
  expect(JSON.stringify(admit(pod({ 'openlit.io/instrument': 'true' })).patch)).not.toMatch(/x64|amd64|arm64/);
});
