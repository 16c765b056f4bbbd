/** The Helm chart: what it makes, what it refuses, and that its rights are enough on a real API server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { mustReadDesired } from '../../src/agent/desired-file/read.js';
import { readOperatorFile } from '../../src/runs/operator/settings.js';
import { hasCollector, validate, WHY_NO_COLLECTOR } from '../support/kubernetes/collector.js';
import {
  type ControlPlane,
  hasKubetest,
  startControlPlane,
  until,
  WHY_NOT,
} from '../support/kubernetes/control-plane.js';
import { CHART, hasHelm, helm, type KubernetesObject, template, WHY_NO_HELM } from '../support/kubernetes/helm.js';
import { type OperatorProcess, startOperator } from '../support/kubernetes/operator.js';

if (!hasHelm) process.stderr.write(`operator-chart.test.ts is skipped: ${WHY_NO_HELM}\n`);
else if (!hasKubetest) process.stderr.write(`operator-chart.test.ts installs nothing: ${WHY_NOT}\n`);
if (hasHelm && !hasCollector) process.stderr.write(`Collector settings are not validated: ${WHY_NO_COLLECTOR}\n`);
jest.setTimeout(120_000);

const IMAGE = ['--set', 'image.repository=registry.example/own'];
const BACKEND = ['--set', 'collector.exporters.otlphttp.endpoint=http://backend:4318'];
const pattern = (name: string) => [...IMAGE, ...BACKEND, '--set', `collector.pattern=${name}`];
const AGENT = ['--set', 'agent.enabled=true', '--set', 'agent.endpoint=http://backend:4318'];
const PATTERNS = ['none', 'agent', 'gateway', 'sidecar'];

const whereHelm = hasHelm ? describe : describe.skip;
const of = (objects: readonly KubernetesObject[], kind: string, name?: string) =>
  objects.filter(object => object.kind === kind && (name === undefined || object.metadata.name === name));
const settingsOf = (objects: readonly KubernetesObject[]) =>
  String(of(objects, 'ConfigMap', 'x-operator')[0]!['data']['operator.yml']);
const collectorConfig = (objects: readonly KubernetesObject[], name = 'x-collector') =>
  parse(of(objects, 'ConfigMap', name)[0]!['data']['config.yaml']);

/** As the operator itself reads it. */
function read(text: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chart-'));
  try {
    writeFileSync(path.join(folder, 'operator.yml'), text);
    return readOperatorFile(path.join(folder, 'operator.yml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

whereHelm('what it makes', () => {
  test.each(PATTERNS)('with the Collector as %s: lint finds nothing, and the operator reads its settings', name => {
    expect(helm('lint', '--strict', CHART, ...pattern(name), ...AGENT)).toMatchObject({ status: 0 });
    const objects = template(...pattern(name), ...AGENT);
    const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(read(settingsOf(objects)).images.own).toBe('registry.example/own:0.1.0');
  });

  test.each([
    ['none', undefined],
    ['agent', 'http://$(OTEL_NODE_IP):4318'],
    ['gateway', 'http://x-collector.system:4318'],
    ['sidecar', 'http://localhost:4318'],
  ])('with %s pods send to %s, unless the values say otherwise', (name, endpoint) => {
    expect(read(settingsOf(template(...pattern(name)))).defaults?.exporter?.endpoint).toBe(endpoint);
    const said = ['--set', 'operator.defaults.exporter.endpoint=http://mine:4318'];
    expect(read(settingsOf(template(...pattern(name), ...said))).defaults?.exporter?.endpoint).toBe('http://mine:4318');
  });

  test('a gateway: those in front know those behind, by trace; only those behind hold your processors', () => {
    const processors = [
      '--set',
      'collector.processors={tail_sampling}',
      '--set',
      'collector.processorSettings.tail_sampling.decision_wait=5s',
    ];
    const objects = template(...pattern('gateway'), ...processors);
    const front = collectorConfig(objects);
    expect(front.exporters.loadbalancing.resolver).toEqual({
      dns: { hostname: 'x-collector-backend.system', port: '4317' },
    });
    expect(front.service.pipelines.traces).toEqual({
      receivers: ['otlp'],
      processors: ['memory_limiter', 'batch'],
      exporters: ['loadbalancing'],
    });
    const behind = collectorConfig(objects, 'x-collector-backend');
    expect(behind.service.pipelines.traces.processors).toEqual(['memory_limiter', 'tail_sampling', 'batch']);
    expect(behind.processors.tail_sampling).toEqual({ decision_wait: '5s' });
    expect(of(objects, 'Service', 'x-collector-backend')[0]!['spec'].clusterIP).toBe('None');
  });

  test('a sidecar is for its own pod alone; the agent of a node is for the node', () => {
    const listens = (name: string) =>
      collectorConfig(template(...pattern(name))).receivers.otlp.protocols.http.endpoint;
    expect([listens('sidecar'), listens('agent')]).toEqual(['localhost:4318', '0.0.0.0:4318']);
  });

  test('K15, K28 the webhook lets every pod through, waits two seconds, and leaves our namespace alone', () => {
    const [{ webhooks }] = of(template(...pattern('none')), 'MutatingWebhookConfiguration') as [KubernetesObject];
    expect(webhooks[0]).toMatchObject({ failurePolicy: 'Ignore', timeoutSeconds: 2, reinvocationPolicy: 'IfNeeded' });
    expect(webhooks[0].namespaceSelector.matchExpressions[0].values).toEqual(
      expect.arrayContaining(['kube-system', 'system']),
    );
  });

  test('cert-manager: its objects instead of our rights', () => {
    const objects = template(...pattern('none'), '--set', 'webhook.certManager.enabled=true');
    expect(of(objects, 'Certificate')).toHaveLength(1);
    expect(of(objects, 'Role')).toEqual([]);
    expect(read(settingsOf(objects)).webhook).toMatchObject({ certificateFolder: '/certificates' });
    expect(read(settingsOf(objects)).webhook.configuration).toBeUndefined();
  });

  test('the node agent observes everything, or what is asked of it', () => {
    const rendered = (...words: string[]) => template(...pattern('agent'), ...AGENT, ...words);
    const daemon = (objects: readonly KubernetesObject[]) =>
      of(objects, 'DaemonSet', 'x-agent')[0]!['spec'].template.spec;
    const all = daemon(rendered());
    expect(all.containers[0].args).toEqual(['attach', '--all', '--endpoint', 'http://backend:4318']);
    expect(all.automountServiceAccountToken).toBe(false);
    expect(of(rendered(), 'ClusterRole', 'x-agent-system')).toEqual([]);

    // YAML 1.1, which Helm reads, takes `on` for true; the agent reads both.
    const workloads = '[{"key": "k8s:shop:web:app", "observe": true}, {"key": "docker:x", "observe": "off"}]';
    const asked = rendered('--set', 'agent.mode=asked', '--set-json', `agent.workloads=${workloads}`);
    const { containers, volumes } = daemon(asked);
    expect(containers[0].args).toEqual(expect.arrayContaining(['agent', '--desired', '/desired', '--no-keep']));
    expect(volumes).toContainEqual({
      name: 'state',
      hostPath: { path: '/var/lib/openlit-instrument', type: 'DirectoryOrCreate' },
    });
    const file = of(asked, 'ConfigMap', 'x-agent')[0]!['data']['fleet.yml'];
    expect(mustReadDesired([{ file: 'fleet.yml', text: file }]).map(({ value }) => value)).toEqual(['on', 'off']);
    const verbs = (objects: readonly KubernetesObject[]) =>
      of(objects, 'ClusterRole', 'x-agent-system')[0]!['rules'].flatMap((rule: { verbs: string[] }) => rule.verbs);
    expect(verbs(asked)).not.toContain('patch');
    const inject = rendered(
      '--set',
      'agent.mode=asked',
      '--set-json',
      `agent.workloads=${workloads}`,
      '--set',
      'agent.inject=true',
    );
    expect(verbs(inject)).toContain('patch');
  });

  test('K8 every pod of ours but the node agent fits the restricted profile', () => {
    const pods = ['none', 'agent', 'gateway'].flatMap(name =>
      template(...pattern(name)).flatMap(object => object['spec']?.template?.spec?.containers ?? []),
    );
    expect(pods.length).toBeGreaterThan(3);
    for (const { securityContext } of pods) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });
});

(hasHelm && hasCollector ? describe : describe.skip)('what a Collector says of its settings', () => {
  test.each(['agent', 'gateway', 'sidecar'])('%s', name => {
    const configs = of(template(...pattern(name)), 'ConfigMap').filter(({ data }) => data['config.yaml'] !== undefined);
    expect(configs).toHaveLength(name === 'gateway' ? 2 : 1);
    for (const { data } of configs) expect(validate(data['config.yaml'])).toEqual('');
  });

  test('and what is wrong is found by it', () => {
    const wrong = ['--set', 'collector.exporters.otlphttp.endpont=x'];
    const [{ data }] = of(template(...pattern('agent'), ...wrong), 'ConfigMap', 'x-collector') as [KubernetesObject];
    expect(validate(data['config.yaml'])).toContain('endpont');
  });
});

whereHelm('what it refuses', () => {
  test.each([
    ['no image', [], 'repository'],
    ['a word that it does not know', [...IMAGE, '--set', 'opreator.replicas=2'], 'opreator'],
    ['a Collector that sends nowhere', [...IMAGE, '--set', 'collector.pattern=agent'], 'exporters'],
    ['a pattern that there is not', pattern('mesh'), 'pattern'],
    ['a webhook that keeps pods waiting', [...IMAGE, '--set', 'webhook.timeoutSeconds=30'], 'timeoutSeconds'],
    ['a node agent that sends nowhere', [...IMAGE, '--set', 'agent.enabled=true'], 'agent.endpoint'],
    ['a node agent of whom nothing is asked', [...IMAGE, ...AGENT, '--set', 'agent.mode=asked'], 'agent.workloads'],
    [
      'a wish that an agent of all would not read',
      [...IMAGE, ...AGENT, '--set', 'agent.dashboard.url=http://openlit:3000'],
      'agent.mode asked',
    ],
    [
      'a workload that there cannot be',
      [...IMAGE, ...AGENT, '--set', 'agent.mode=asked', '--set', 'agent.workloads[0].key=web'],
      'workloads',
    ],
  ])('%s', (_, words, why) => {
    expect(() => template(...words)).toThrow(why);
  });
});

(hasHelm && hasKubetest ? describe : describe.skip)('on a real API server', () => {
  let plane: ControlPlane;
  let operator: OperatorProcess | undefined;
  const CONFIGURATION = 'x-operator-system';
  const at = (name: string) => `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`;
  const onPlane = (...words: string[]) => helm(...words, '--kubeconfig', plane.kubeconfig, '-n', 'system');
  const bundle = async () =>
    (await plane.client.request<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(at(CONFIGURATION)))
      .webhooks[0]!.clientConfig.caBundle;

  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(async () => {
    await operator?.kill('SIGKILL');
    await plane?.close();
  });

  test('installed, with rights that are enough; upgraded; gone without a trace', async () => {
    expect(onPlane('install', 'x', CHART, '--create-namespace', ...pattern('gateway'))).toMatchObject({ status: 0 });
    // As its ServiceAccount, with its settings; only the addresses are those of the test.
    const account = '/api/v1/namespaces/system/serviceaccounts/x-operator/token';
    const { object } = await plane.post<{ status: { token: string } }>(account, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    const kubeconfig = path.join(plane.folder, 'account');
    const config = parse(await (await import('node:fs/promises')).readFile(plane.kubeconfig, 'utf8'));
    config.users[0].user.token = object.status.token;
    writeFileSync(kubeconfig, stringify(config));
    const settings = await plane.client.request<KubernetesObject>('/api/v1/namespaces/system/configmaps/x-operator');
    const own = parse(settings['data']['operator.yml']);
    const webhook = { ...own.webhook, hosts: ['127.0.0.1'], port: 0, address: '127.0.0.1' };
    operator = await startOperator({ ...plane, kubeconfig }, { ...own, namespace: 'system', healthPort: 0, webhook });
    await until('it is ready', async () => (await operator!.health('/readyz')).status === 200);
    const first = await bundle();
    expect(first).toMatch(/^LS0t/);
    const instrumentation = {
      apiVersion: 'openlit.io/v1alpha1',
      kind: 'OpenlitInstrumentation',
      metadata: { name: 'default' },
      spec: {},
    };
    const resources = '/apis/openlit.io/v1alpha1/namespaces/default/openlitinstrumentations';
    await plane.post(resources, instrumentation);
    await until('a status', async () => {
      const found = await plane.client.request<KubernetesObject>(`${resources}/default`);
      return found['status']?.observedGeneration === 1;
    });

    expect(onPlane('upgrade', 'x', CHART, ...pattern('agent'), '--set', 'operator.replicas=3')).toMatchObject({
      status: 0,
    });
    // Whether Helm took it away or not: it is there.
    await until('the bundle', async () => (await bundle()) === first);
    const said = operator
      .said()
      .split('\n')
      .filter(line => /forbidden|cannot be followed/.test(line));
    expect(said).toEqual([]);
    await operator.kill();

    expect(onPlane('uninstall', 'x')).toMatchObject({ status: 0 });
    expect(await plane.find(at(CONFIGURATION))).toBeUndefined();
    expect(await plane.find('/apis/rbac.authorization.k8s.io/v1/clusterroles/x-operator-system')).toBeUndefined();
  });
});
