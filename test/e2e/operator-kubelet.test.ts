/**
 * The faults of others that only a kubelet decides, by the names of their cases (docs/operator.md): pods that run Python and
 * Node, whose calls arrive, and which end. Where no cluster with nodes is at hand, all of it is skipped.
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Pod } from '../../src/operator/kubernetes.js';
import { makeAuthority, makeServerCertificate } from '../../src/runs/operator/make-certificate.js';
import { createWebhookServer } from '../../src/runs/operator/webhook-server.js';
import { type Cluster, caFile, hasCluster, joinCluster, MUSL, WHY_NO_CLUSTER } from '../support/kubernetes/cluster.js';
import { kubectl, until } from '../support/kubernetes/control-plane.js';
import {
  CONFIGURATION,
  caBundle,
  leadTo,
  type OperatorProcess,
  SYSTEM,
  startOperator,
} from '../support/kubernetes/operator.js';
import {
  bringImages,
  type Images,
  makeNamespace,
  programContainer,
  runPod,
  statuses,
  type Wanted,
} from '../support/kubernetes/pods-that-run.js';
import { ROOT } from '../support/launcher.js';

if (!hasCluster) process.stderr.write(`operator-kubelet.test.ts is skipped: ${WHY_NO_CLUSTER}\n`);
else if (MUSL === undefined) process.stderr.write('K5 is skipped: OPENLIT_TEST_MUSL names no root of musl\n');
jest.setTimeout(180_000);

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const OBSERVED = ['openlit-instrument-copy', 'openlit-instrument-observer'];
const NODE = { command: ['node', '/app/call.mjs'] };
const PYTHON_ALONE = { 'openlit.io/inject-python': 'true' };
const NODE_ALONE = { 'openlit.io/inject-nodejs': 'true' };
const NAMESPACES = [SYSTEM, 'shop', 'strict', 'tight', 'openshift'];
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1234,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

let cluster: Cluster;
let images: Images;
let operator: OperatorProcess;
let names = 0;

/** A pod of the namespace `shop`, from its creation to its end. */
const ran = async (what: string, wanted?: Wanted, image = images.app, namespace = 'shop') =>
  await runPod(cluster, namespace, `${what}-${names++}`, image, wanted);
const variable = (name: string, value: string) => ({ env: [{ name, value }] });
const configMap = (name: string, data: object) => ({ path: 'configmaps', body: { metadata: { name }, data } });

beforeAll(async () => {
  if (!hasCluster) return;
  cluster = await joinCluster();
  images = await bringImages(cluster);
  const crds = path.join(ROOT, 'deploy/chart/crds');
  expect(await kubectl(cluster.kubeconfig, ['apply', '-f', crds])).toEqual({ status: 0, out: expect.anything() });
  await until('the resources', async () => {
    await cluster.client.request('/apis/openlit.io/v1alpha1/openlitinstrumentations');
    return true;
  });
  await makeNamespace(cluster, SYSTEM);
  await makeNamespace(cluster, 'shop', {}, [
    configMap('python-path', { PYTHONPATH: '/app/lib' }),
    configMap('node-options', { NODE_OPTIONS: '--max-old-space-size=77' }),
  ]);
  await makeNamespace(cluster, 'strict', { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
  const counted = { 'requests.cpu': '4', 'limits.cpu': '8', 'requests.memory': '4Gi', 'limits.memory': '8Gi' };
  const range = [{ type: 'Container', max: { cpu: '1', memory: '512Mi' }, min: { memory: '64Mi' } }];
  await makeNamespace(cluster, 'tight', {}, [
    { path: 'resourcequotas', body: { metadata: { name: 'all' }, spec: { hard: counted } } },
    { path: 'limitranges', body: { metadata: { name: 'each' }, spec: { limits: range } } },
  ]);
  const assigned = { 'openshift.io/sa.scc.uid-range': '1000680000/10000' };
  await makeNamespace(cluster, 'openshift', { annotations: assigned });
  await start();
});

async function start(): Promise<void> {
  const webhook = { configuration: CONFIGURATION, hosts: [cluster.host], port: 0, address: cluster.host };
  const settings = {
    images: { own: images.own },
    unknownImage: 'leave',
    readImages: true,
    webhook,
    // K10: what others' copies were killed in.
    copyResources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
  };
  operator = await startOperator(cluster, settings, { NODE_EXTRA_CA_CERTS: caFile(cluster) });
  await leadTo(cluster, operator.port, { host: cluster.host });
  await until('the bundle', async () => (await caBundle(cluster)) !== undefined);
  await until('the webhook', async () => {
    const body = { metadata: { generateName: 'probe-', annotations: { 'openlit.io/instrument': 'true' } } };
    const spec = { containers: [programContainer(cluster, 'probe', images.app)] };
    const at = '/api/v1/namespaces/shop/pods?dryRun=All';
    const pod = await cluster.client.request<Pod>(at, { method: 'POST', body: { ...body, spec } });
    return pod.spec.initContainers !== undefined;
  });
}

afterAll(async () => {
  await operator?.kill('SIGKILL');
  if (cluster === undefined) return;
  const gone = [`${WEBHOOKS}/${CONFIGURATION}`, ...NAMESPACES.map(name => `/api/v1/namespaces/${name}`)];
  for (const at of gone) await cluster.client.request(at, { method: 'DELETE' }).catch(() => {});
  await cluster.close();
});

(hasCluster ? describe : describe.skip)('on a kubelet', () => {
  test("K1 PYTHONPATH in the image's ENV: its imports work, and its call arrives", async () => {
    const { ours, said, spans } = await ran('k1', { container: variable('NEEDS', 'only_there') }, images.appWithPath);
    expect([ours, said.needs, spans]).toEqual([OBSERVED, '/app/lib/only_there.py', 1]);
    expect(said.path).toBe('/openlit-instrument/python:/app/lib');
  });

  test('K2 PYTHONPATH of the manifest: composed; by envFrom: the program runs as without us', async () => {
    const needs = { name: 'NEEDS', value: 'only_there' };
    const value = await ran('k2', { container: { env: [{ name: 'PYTHONPATH', value: '/app/lib' }, needs] } });
    expect([value.said.needs, value.spans]).toEqual(['/app/lib/only_there.py', 1]);
    const envFrom = [{ configMapRef: { name: 'python-path' } }];
    const from = await ran('k2', { annotations: PYTHON_ALONE, container: { env: [needs], envFrom } });
    expect([from.ours, from.said.needs, from.said.path, from.spans]).toEqual([
      [],
      '/app/lib/only_there.py',
      '/app/lib',
      0,
    ]);
  });

  test('K3 NODE_OPTIONS: by value both hold; by envFrom the program runs as without us', async () => {
    const value = await ran('k3', { container: { ...NODE, ...variable('NODE_OPTIONS', '--max-old-space-size=77') } });
    const envFrom = [{ configMapRef: { name: 'node-options' } }];
    const from = await ran('k3', { annotations: NODE_ALONE, container: { ...NODE, envFrom } });
    expect([value.spans, from.spans, from.ours]).toEqual([1, 0, []]);
    expect(value.said.heap).toBe(from.said.heap);
    expect(from.said.options).toBe('--max-old-space-size=77');
  });

  test("K4 the program's own versions win: requests, urllib3, boto3, protobuf, an SDK of OpenTelemetry", async () => {
    const versions = 'requests,urllib3,boto3,protobuf,typing_extensions,wrapt,opentelemetry-sdk';
    const container = {
      command: ['/venv/bin/python', '/app/call.py'],
      env: [
        { name: 'VERSIONS', value: versions },
        { name: 'WITH', value: 'requests' },
      ],
    };
    const bare = await ran('k4', { container, annotations: {} }, images.appWithPackages);
    const observed = await ran('k4', { container }, images.appWithPackages);
    expect(observed.said.versions).toEqual(bare.said.versions);
    expect(observed.said.files).toEqual(bare.said.files);
    expect(observed.said.versions['urllib3']).toBe('1.26.15');
    expect([bare.spans, observed.spans]).toEqual([0, 1]);
  });

  (MUSL === undefined ? test.skip : test)('K5 an image of musl runs with the same files', async () => {
    const { said, spans } = await ran('k5', { container: NODE }, images.musl);
    expect([said.glibc, said.answer, spans]).toEqual([null, 'yes', 1]);
  });

  test('K6 runAsNonRoot, an image without a USER, Python and Node', async () => {
    const spec = { securityContext: { runAsNonRoot: true, runAsUser: 777 } };
    const [python, node] = [await ran('k6', { spec }), await ran('k6', { spec, container: NODE })];
    expect([python.said.uid, python.spans, node.said.uid, node.spans]).toEqual([777, 1, 777, 1]);
  });

  test('K7 a user that nobody has chosen, as OpenShift gives it; without one, no number is named by us', async () => {
    const spec = { securityContext: { runAsUser: 1_000_680_001, fsGroup: 1_000_680_001 } };
    const given = await ran('k7', { spec }, images.app, 'openshift');
    expect([given.said.uid, given.spans]).toEqual([1_000_680_001, 1]);
    const none = await ran('k7', {}, images.app, 'openshift');
    const users = none.pod.spec.initContainers!.map(({ securityContext }) => securityContext!.runAsUser);
    expect([users, none.spans]).toEqual([[undefined, undefined], 1]);
  });

  test('K8 the restricted profile, a root that is read-only, no capability', async () => {
    const python = await ran('k8', { container: { securityContext: RESTRICTED } }, images.app, 'strict');
    const node = await ran('k8', { container: { ...NODE, securityContext: RESTRICTED } }, images.app, 'strict');
    expect([python.spans, node.spans, node.said.uid]).toEqual([1, 1, 1234]);
  });

  test('K9, K10 a quota, a limit range, and a copy within 64 Mi', async () => {
    const resources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } };
    const { pod, spans } = await ran('k9', { container: { resources } }, images.app, 'tight');
    expect(spans).toBe(1);
    const copy = statuses(pod).find(({ name }) => name === 'openlit-instrument-copy')!;
    expect([copy.restartCount, copy.state.terminated!.reason]).toEqual([0, 'Completed']);
    const given = pod.spec.initContainers!.map(container => container.resources!.limits);
    expect(given).toEqual([
      { cpu: '500m', memory: '64Mi' },
      { cpu: '500m', memory: '256Mi' },
    ]);
  });

  test('K11 limits of ephemeral storage: a low one leaves the pod alone, another one evicts nobody', async () => {
    const limited = (size: string) => ({ container: { resources: { limits: { 'ephemeral-storage': size } } } });
    const [low, enough] = [await ran('k11', limited('60Mi')), await ran('k11', limited('128Mi'))];
    expect([low.ours, low.said.answer, enough.ours, enough.spans]).toEqual([[], 'yes', OBSERVED, 1]);
  });

  test('K12 an init container that is observed, and a native sidecar of others before it', async () => {
    const migrate = programContainer(cluster, 'migrate', images.app, { name: 'migrate' });
    const sidecar = { name: 'istio-proxy', image: images.app, restartPolicy: 'Always', command: ['sleep', '1000'] };
    const annotations = { 'openlit.io/instrument': 'true', 'openlit.io/container-names': 'app,migrate' };
    const spec = { initContainers: [sidecar, migrate], terminationGracePeriodSeconds: 2 };
    expect((await ran('k12', { annotations, spec })).spans).toBe(2);
  });

  test('K16 called again, because another webhook changed the pod: it runs', async () => {
    const close = await addVolumes();
    try {
      await until('both webhooks', async () => {
        const { pod, spans } = await ran('k16');
        if (!pod.spec.volumes!.some(({ name }) => name === 'theirs')) return false;
        expect([pod.spec.initContainers!.map(({ name }) => name), spans]).toEqual([OBSERVED, 1]);
        return true;
      });
    } finally {
      await close();
    }
  });

  test('K21 a Job whose only call is its first deed completes, and its call arrives', async () => {
    const containers = [programContainer(cluster, 'k21', images.app)];
    const metadata = { annotations: { 'openlit.io/instrument': 'true' } };
    const template = { metadata, spec: { restartPolicy: 'Never', containers } };
    const jobs = '/apis/batch/v1/namespaces/shop/jobs';
    const spec = { template, completions: 2, parallelism: 2, backoffLimit: 0 };
    await cluster.client.request(jobs, { method: 'POST', body: { metadata: { name: 'k21' }, spec } });
    await until('its completion', async () => {
      const { status } = await cluster.client.request<{ status: { succeeded?: number; failed?: number } }>(
        `${jobs}/k21`,
      );
      expect(status.failed ?? 0).toBe(0);
      return status.succeeded === 2;
    });
    const names = cluster.receiver.spans.filter(({ resource }) => resource['k8s.job.name'] === 'k21');
    expect(new Set(names.map(({ resource }) => resource['k8s.pod.name'])).size).toBe(2);
  });

  test('K26 probes, hooks and scripts that run Python and Node: no line more, no span more', async () => {
    const check = (command: string) => `out=$(${command} 2>&1); [ "$out" = 1 ] || echo "$out" >> /shared/noise`;
    const python = check('python3 -c "print(1)"');
    const node = check('node -e "console.log(1)"');
    const exec = (text: string) => ({ exec: { command: ['sh', '-c', text] } });
    const probe = (text: string) => ({ ...exec(text), periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 30 });
    const container = {
      command: ['sh', '-c', `${python}; ${node}; exec python3 /app/call.py`],
      env: [
        { name: 'WAIT', value: '/shared/third' },
        { name: 'NOISE', value: '/shared/noise' },
      ],
      lifecycle: { postStart: exec(node) },
      livenessProbe: probe(node),
      readinessProbe: probe(
        `${python}; if [ -e /shared/second ]; then echo > /shared/third; elif [ -e /shared/first ]; then echo > /shared/second; else echo > /shared/first; fi`,
      ),
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    };
    const { said, spans, pod } = await ran('k26', { container, spec: { volumes: [{ name: 'shared', emptyDir: {} }] } });
    expect([said.noise, said.answer, spans]).toEqual([undefined, 'yes', 1]);
    expect(statuses(pod).map(({ restartCount }) => restartCount)).toEqual([0, 0, 0]);
  });

  test('the observer is killed: the program runs on, another one starts, and later calls arrive', async () => {
    const spec = { shareProcessNamespace: true, securityContext: { runAsUser: 65_532, runAsNonRoot: true } };
    const { said, spans, pod } = await ran('killed', { spec, container: { command: ['python3', '/app/outlive.py'] } });
    expect(said.answers).toEqual(['yes', 'yes', 'yes']);
    expect(statuses(pod).find(({ name }) => name === OBSERVED[1])!.restartCount).toBe(1);
    // What the killed one had not sent yet is lost; what is called while there is none, is counted.
    expect(spans).toBeGreaterThanOrEqual(1);
    expect(spans).toBeLessThanOrEqual(3);
  });

  test('K15 without the operator pods start and run, not observed', async () => {
    await operator.kill();
    const { said, spans, ours } = await ran('k15');
    expect([said.answer, spans, ours]).toEqual(['yes', 0, []]);
  });
});

/** A webhook of others, which runs behind ours and changes the pod. @returns what takes it away */
async function addVolumes(): Promise<() => Promise<void>> {
  const authority = makeAuthority(Date.now(), Date.now() + 86_400_000);
  const server = createWebhookServer(async review => {
    const { uid, object } = (review as { request: { uid: string; object: Pod } }).request;
    const has = object.spec.volumes?.some(({ name }) => name === 'theirs');
    const patch = [{ op: 'add', path: '/spec/volumes/-', value: { name: 'theirs', emptyDir: {} } }];
    const change = { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
    const response = { uid, allowed: true as const, ...(has ? {} : change) };
    return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response } as never;
  });
  server.use(makeServerCertificate(authority, [cluster.host], Date.now(), Date.now() + 86_400_000));
  const port = await server.listen(0, cluster.host);
  const webhook = {
    name: 'other.example.org',
    clientConfig: {
      url: `https://${cluster.host}:${port}/mutate`,
      caBundle: Buffer.from(authority.cert).toString('base64'),
    },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Ignore',
  };
  const body = { metadata: { name: 'zz-other' }, webhooks: [webhook] };
  await cluster.client.request(WEBHOOKS, { method: 'POST', body });
  return async () => {
    await cluster.client.request(`${WEBHOOKS}/zz-other`, { method: 'DELETE' });
    await server.close();
  };
}
