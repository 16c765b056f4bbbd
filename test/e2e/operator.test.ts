/** The operator beside a real API server: resources are checked, pods are changed, and whatever happens they are admitted. */
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Pod } from '../../src/operator/kubernetes.js';
import { makeAuthority, makeServerCertificate } from '../../src/runs/operator/make-certificate.js';
import { createWebhookServer } from '../../src/runs/operator/webhook-server.js';
import {
  type ControlPlane,
  hasKubetest,
  startControlPlane,
  until,
  WHY_NOT,
} from '../support/kubernetes/control-plane.js';
import { caBundle, leadTo, type OperatorProcess, SYSTEM, startOperator } from '../support/kubernetes/operator.js';
import { cleanEnvironment, LAUNCHER, ROOT, run } from '../support/launcher.js';
import { listen } from '../support/servers.js';

if (!hasKubetest) process.stderr.write(`operator.test.ts is skipped: ${WHY_NOT}\n`);
jest.setTimeout(120_000);

let plane: ControlPlane;
let operator: OperatorProcess;

const PODS = '/api/v1/namespaces/shop/pods';
const RESOURCES = '/apis/openlit.io/v1alpha1/namespaces/shop/openlitinstrumentations';

const resource = (name: string, spec: object = {}) => ({
  apiVersion: 'openlit.io/v1alpha1',
  kind: 'OpenlitInstrumentation',
  metadata: { name },
  spec: { exporter: { endpoint: 'http://collector:4318' }, ...spec },
});
const pod = (name: string, annotations: Record<string, string> = { 'openlit.io/instrument': 'default' }) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, annotations },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
});
const deployment = (name: string, more: { metadata?: object; annotations?: object } = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...more.metadata },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: more.annotations ?? {} },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    },
  },
});

const initNames = ({ spec }: Pod) => (spec.initContainers ?? []).map(({ name }) => name);
const OBSERVED = ['openlit-instrument-copy', 'openlit-instrument-observer'];
const list = async <T>(at: string) => (await plane.client.request<{ items: T[] }>(at)).items;
const podsOf = (app: string) => list<Pod>(`${PODS}?labelSelector=app%3D${app}`);

/** A test that runs once more finds what it has left. */
let names = 0;
const fresh = (name: string) => `${name}-${names++}`;

/** Creates a pod, and says how long that took. */
async function create(name: string, annotations?: Record<string, string>) {
  const started = performance.now();
  const { object, warnings } = await plane.post<Pod>(PODS, pod(fresh(name), annotations));
  return { object, warnings, seconds: (performance.now() - started) / 1000 };
}

beforeAll(async () => {
  if (!hasKubetest) return;
  plane = await startControlPlane();
  for (const name of [SYSTEM, 'shop']) {
    await plane.client.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } });
  }
  // Twice: an upgrade applies them to what is there.
  for (const turn of ['created', 'unchanged']) {
    const applied = await plane.kubectl(['apply', '-f', path.join(ROOT, 'deploy/chart/crds')]);
    expect(applied).toEqual({ status: 0, out: expect.stringMatching(new RegExp(`( ${turn}\n.*){2}`)) });
  }
  await until('the resources', async () => (await list(RESOURCES)).length === 0);
  await plane.client.request(RESOURCES, { method: 'POST', body: resource('default') });
  await until(
    'the account of the namespace',
    async () => (await list('/api/v1/namespaces/shop/serviceaccounts')).length > 0,
  );
  operator = await startOperator(plane);
  await leadTo(plane, operator.port);
  await until('the bundle', async () => (await caBundle(plane)) !== undefined);
});

afterAll(async () => {
  await operator?.kill('SIGKILL');
  await plane?.close();
});

const whenThere = hasKubetest ? describe : describe.skip;

test.each([['operator', '--help'], ['ps']])('%s runs as a user whom the image does not know', async (...words) => {
  const unknown =
    'import os from "os"; import { syncBuiltinESMExports as sync } from "module"; os.userInfo = () => { throw Error("ENOENT") }; sync()';
  const { SHELL: _, ...env } = cleanEnvironment();
  const argv = [
    process.execPath,
    '--import',
    `data:text/javascript,${encodeURIComponent(unknown)}`,
    LAUNCHER,
    ...words,
  ];
  expect(await run(argv, { env })).toMatchObject({ status: 0, stderr: expect.not.stringContaining('ENOENT') });
});

whenThere('resources', () => {
  test('kubectl shows them by their short names', async () => {
    const { out } = await plane.kubectl(['get', 'oli', '-n', 'shop']);
    expect(out.split('\n')[0]).toMatch(/NAME +ENDPOINT +OBSERVED +OLD +WAITING +READY +AGE/);
    expect(await plane.kubectl(['get', 'dsvc', '-A'])).toMatchObject({ status: 0 });
  });

  test.each([
    ['an endpoint that is none', { exporter: { endpoint: 'not an address' } }, 'has to be an address'],
    ['a password in it', { exporter: { endpoint: 'http://me:secret@c:4318' } }, 'must not hold a password'],
    [
      'HTTP at the port of gRPC',
      { exporter: { endpoint: 'http://c:4317', protocol: 'http/protobuf' } },
      'port 4317 is for gRPC',
    ],
    ['half a client certificate', { exporter: { tls: { secretName: 's', cert: 'c' } } }, 'needs both cert and key'],
    ['a key of nothing', { exporter: { tls: { ca: 'ca.crt' } } }, 'of what'],
    ['a sampler that nobody knows', { sampler: { type: 'sometimes' } }, 'Unsupported value'],
    ['a share above 1', { sampler: { type: 'traceidratio', argument: '2' } }, 'from 0 to 1'],
    ['a variable that loads code', { env: [{ name: 'NODE_OPTIONS', value: '-r x' }] }, 'loads code'],
    ['a variable with two sources', { env: [{ name: 'A', value: 'b', valueFrom: {} }] }, 'not both'],
    ['a propagator that nobody knows', { propagators: ['pigeon'] }, 'Unsupported value'],
  ])('%s is refused', async (_, spec, why) => {
    await expect(plane.post(RESOURCES, resource('wrong', spec))).rejects.toThrow(why);
  });

  test.each([
    [
      'a resource with everything',
      {
        exporter: {
          endpoint: 'https://c:4317',
          protocol: 'grpc',
          tls: { secretName: 's', ca: 'ca', cert: 'c', key: 'k' },
        },
        sampler: { type: 'parentbased_traceidratio', argument: '0.25' },
        propagators: ['tracecontext', 'baggage'],
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        languages: { python: { image: 'mine:1', env: [{ name: 'B', value: '$(A)' }] } },
        resource: { attributes: { team: 'x' }, addUids: true, useLabels: true },
        captureContent: true,
        restart: 'WhenChanged',
      },
    ],
    ['an address of IPv6', { exporter: { endpoint: 'http://[fd00::1]:4318/path' } }],
    ['a variable of the node', { exporter: { endpoint: 'http://$(OTEL_NODE_IP):4318' } }],
  ])('%s is taken', async (_, spec) => {
    const { object } = await plane.post<{ spec: object }>(`${RESOURCES}?dryRun=All`, resource('right', spec));
    expect(object.spec).toMatchObject(spec);
  });
});

whenThere('pods', () => {
  test('one that asks is observed; the API server has taken the whole patch', async () => {
    const { object, warnings } = await create('asks');
    expect(warnings).toEqual([]);
    expect(initNames(object)).toEqual(OBSERVED);
    const [app] = object.spec.containers;
    const env = Object.fromEntries(app!.env!.map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({
      PYTHONPATH: '/openlit-instrument/python',
      NODE_OPTIONS: '--require "/openlit-instrument/node/hook.cjs"',
      OTEL_SERVICE_NAME: object.metadata!.name,
    });
    expect(object.metadata!.annotations!['openlit.io/injected-by']).toBe('shop/default@1');
  });

  test('one that does not is as it was', async () => {
    const { object, warnings } = await create('silent', {});
    expect([initNames(object), object.spec.containers[0]!.env, warnings]).toEqual([[], undefined, []]);
  });

  test('one whose wish cannot be met starts, and its maker is told why', async () => {
    const { object, warnings } = await create('wrong', { 'openlit.io/instrument': 'missing' });
    expect(initNames(object)).toEqual([]);
    expect(warnings[0]).toMatch(
      /^openlit-instrument: python: there is no OpenlitInstrumentation missing in namespace shop/,
    );
  });

  test('of a Deployment: named after it', async () => {
    const annotations = { 'openlit.io/instrument': 'default' };
    const chat = fresh('chat');
    await plane.post('/apis/apps/v1/namespaces/shop/deployments', deployment(chat, { annotations }));
    await until('its pod', async () => (await podsOf(chat)).length === 1);
    const [one] = await podsOf(chat);
    const name = one!.spec.containers[0]!.env!.find(entry => entry.name === 'OTEL_SERVICE_NAME')!.value;
    expect([initNames(one!), name]).toEqual([OBSERVED, chat]);
  });

  test('K22 the annotation on the Deployment and not on its template: an event says so', async () => {
    const metadata = { annotations: { 'openlit.io/instrument': 'default' } };
    const misplaced = fresh('misplaced');
    await plane.post('/apis/apps/v1/namespaces/shop/deployments', deployment(misplaced, { metadata }));
    const events = '/api/v1/namespaces/shop/events?fieldSelector=reason%3DOpenLITAnnotationOnOwner';
    await until('the event', async () => (await list(events)).length > 0);
    const event = (await list<{ message: string; involvedObject: { kind: string } }>(events)).at(-1);
    expect(event!.message).toContain(`stands on Deployment ${misplaced}; pods get those of spec.template.metadata`);
    expect(event!.involvedObject.kind).toBe('ReplicaSet');
  });

  test('K28 those of kube-system and of our own namespace are never changed', async () => {
    for (const namespace of ['kube-system', SYSTEM]) {
      await until(
        'the account',
        async () => (await list(`/api/v1/namespaces/${namespace}/serviceaccounts`)).length > 0,
      );
      const { object } = await plane.post<Pod>(
        `/api/v1/namespaces/${namespace}/pods`,
        pod('x', { 'openlit.io/instrument': 'shop/default' }),
      );
      expect(initNames(object)).toEqual([]);
    }
  });

  test('K16 called again because another webhook changed the pod: nothing is there twice', async () => {
    const authority = makeAuthority(Date.now(), Date.now() + 86_400_000);
    const other = createWebhookServer(async review => {
      const { uid, object } = (review as { request: { uid: string; object: Pod } }).request;
      const patch = [{ op: 'add', path: '/spec/volumes/-', value: { name: 'theirs', emptyDir: {} } }];
      const mine = object.spec.volumes?.some(({ name }) => name === 'theirs');
      const answer = { uid, allowed: true as const };
      return {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: mine
          ? answer
          : { ...answer, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') },
      };
    });
    other.use(makeServerCertificate(authority, ['127.0.0.1'], Date.now(), Date.now() + 86_400_000));
    const port = await other.listen(0, '127.0.0.1');
    const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
    await plane.client.request(configurations, {
      method: 'POST',
      body: {
        metadata: { name: 'zz-other' },
        webhooks: [
          {
            name: 'other.example.org',
            clientConfig: {
              url: `https://127.0.0.1:${port}/mutate`,
              caBundle: Buffer.from(authority.cert).toString('base64'),
            },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Ignore',
          },
        ],
      },
    });
    const calls = async () =>
      Number(/admission_seconds_count (\d+)/.exec((await operator.health('/metrics')).text)![1]);
    try {
      // The API server takes a moment until it calls a new webhook.
      await until('both webhooks', async () => {
        const before = await calls();
        const { object } = await create('twice');
        if (!object.spec.volumes!.some(({ name }) => name === 'theirs')) return false;
        expect((await calls()) - before).toBe(2);
        expect(initNames(object)).toEqual(OBSERVED);
        expect(object.spec.volumes!.filter(({ name }) => name === 'openlit-instrument')).toHaveLength(1);
        return true;
      });
    } finally {
      await plane.client.request(`${configurations}/zz-other`, { method: 'DELETE' });
      await other.close();
    }
  });
});

whenThere('statuses', () => {
  interface Resource {
    status?: {
      pods: object;
      workloads: { name: string; state: string }[];
      conditions: { type: string; status: string }[];
    };
  }
  const status = async (name: string) => (await plane.client.request<Resource>(`${RESOURCES}/${name}`)).status;

  test('K19 a resource that changes: which pods are old is shown, and none is restarted', async () => {
    const changing = fresh('changing');
    await plane.post(RESOURCES, resource(changing));
    const annotations = { 'openlit.io/instrument': changing };
    await until('the resource', async () => {
      const { object } = await create('changing', annotations);
      return initNames(object).length > 0;
    });
    const older = fresh('older');
    await plane.post('/apis/apps/v1/namespaces/shop/deployments', deployment(older, { annotations }));
    await until('its pod', async () => (await podsOf(older)).length === 1);
    const [before] = await podsOf(older);
    await plane.client.request(`${RESOURCES}/${changing}`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { spec: { captureContent: true } },
    });
    await until(
      'the status',
      async () => (await status(changing))?.workloads?.some(({ state }) => state === 'Old') === true,
    );
    const found = await status(changing);
    expect(found!.workloads).toContainEqual({
      kind: 'Deployment',
      name: older,
      namespace: 'shop',
      pods: 1,
      state: 'Old',
    });
    expect(found!.conditions.find(({ type }) => type === 'UpToDate')!.status).toBe('False');
    expect((await podsOf(older)).map(({ metadata }) => metadata!.uid)).toEqual([before!.metadata!.uid]);
  });

  test('a workload that asks for a restart gets one, once, when its pods are ready', async () => {
    const rolling = fresh('rolling');
    const ready = async () => {
      for (const { metadata } of await podsOf(rolling)) {
        const at = `${PODS}/${metadata!.name}/status`;
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' }];
        await plane.client.request(at, {
          method: 'PATCH',
          type: 'application/merge-patch+json',
          body: { status: { phase: 'Running', conditions } },
        });
      }
    };
    const mark = async () => {
      const found = await plane.client.request<{
        spec: { template: { metadata: { annotations: Record<string, string> } } };
      }>(`/apis/apps/v1/namespaces/shop/deployments/${rolling}`);
      return found.spec.template.metadata.annotations['openlit.io/restarted-for'];
    };
    // Its pods are older than the resource.
    const later = fresh('later');
    const annotations = { 'openlit.io/instrument': later };
    await plane.post('/apis/apps/v1/namespaces/shop/deployments', deployment(rolling, { annotations }));
    await until('its pod', async () => (await podsOf(rolling)).length === 1);
    await plane.post(RESOURCES, resource(later, { restart: 'WhenChanged' }));
    await until(
      'the status',
      async () => (await status(later))?.conditions.some(({ type }) => type === 'Restarting') === true,
    );
    expect(await mark()).toBeUndefined();
    await until('the restart', async () => {
      await ready();
      return (await mark()) !== undefined;
    });
    await until('the new pod', async () => {
      await ready();
      const pods = await podsOf(rolling);
      return pods.some(one => initNames(one).length > 0);
    });
    expect(await mark()).toContain(`shop/${later}@1.`);
  });

  test('K15, K18 pods that were created while the webhook was away are found', async () => {
    await operator.kill();
    const { object, seconds } = await create('while-away');
    expect([initNames(object), seconds < 3]).toEqual([[], true]);
    operator = await startOperator(plane);
    await leadTo(plane, operator.port);
    await until(
      'the status',
      async () => (await status('default'))?.workloads.some(({ name }) => name === object.metadata!.name) === true,
    );
    expect((await status('default'))!.workloads).toContainEqual(
      expect.objectContaining({ name: object.metadata!.name, kind: 'Pod', state: 'BeforeUs' }),
    );
    await until('the webhook', async () => initNames((await create('back')).object).length > 0);
  });
});

whenThere('discovered services', () => {
  interface Service {
    metadata: { name: string };
    status?: { workload: string; state: string; signs: string[]; message: string };
  }
  const SERVICES = '/apis/openlit.io/v1alpha1/namespaces/shop/discoveredservices';
  const withKey = (name: string, annotations: object) => {
    const { spec, ...rest } = deployment(name, { annotations });
    const env = [{ name: 'OPENAI_API_KEY', valueFrom: { secretKeyRef: { name: 's', key: 'sk-not-to-be-seen' } } }];
    const containers = [{ name: 'app', image: 'app:1', env }];
    return { ...rest, spec: { ...spec, template: { ...spec.template, spec: { containers } } } };
  };
  const status = async (name: string) =>
    (await list<Service>(SERVICES)).find(({ metadata }) => metadata.name === `deployment-${name}`)?.status;

  test('a workload with a key of a provider: found, its state told, no value in it; gone with its workload', async () => {
    const [asks, silent] = [fresh('asks'), fresh('silent')];
    const deployments = '/apis/apps/v1/namespaces/shop/deployments';
    await plane.post(deployments, withKey(asks, { 'openlit.io/instrument': 'default' }));
    await plane.post(deployments, withKey(silent, {}));
    await until('both', async () => (await status(asks)) !== undefined && (await status(silent)) !== undefined);
    expect(await status(asks)).toMatchObject({
      workload: `Deployment/${asks}`,
      state: 'Observed',
      signs: ['OPENAI_API_KEY'],
    });
    expect(await status(silent)).toMatchObject({
      state: 'NotAsked',
      message: expect.stringContaining('openlit.io/instrument'),
    });
    expect(JSON.stringify(await list(SERVICES))).not.toContain('sk-not');
    await plane.client.request(`${SERVICES}/deployment-${silent}`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { spec: { ignore: true } },
    });
    await until('it is ignored', async () => (await status(silent))?.state === 'Ignored');
    await plane.client.request(`${deployments}/${asks}`, { method: 'DELETE' });
    await until('it is gone', async () => (await status(asks)) === undefined);
  });
});

whenThere('K15 a webhook that does not answer', () => {
  test.each([
    ['nobody listens', async () => ({ port: await closedPort(), close: async () => {} })],
    ['somebody who never answers', async () => await listen(net.createServer(() => {}))],
  ])('%s: pods start within 3 s', async (_, start) => {
    const { port, close } = await start();
    await leadTo(plane, port);
    await until('its turn', async () => initNames((await create('none')).object).length === 0);
    const { object, seconds } = await create('slow');
    await close();
    expect([initNames(object), seconds < 3]).toEqual([[], true]);
  });

  test('a certificate that nobody believes: pods start within 3 s, and it is put right by itself', async () => {
    const stranger = Buffer.from(makeAuthority(Date.now(), Date.now() + 86_400_000).cert).toString('base64');
    await operator.kill();
    operator = await startOperator(plane, { webhook: { hosts: ['127.0.0.1'], port: 0, address: '127.0.0.1' } });
    await leadTo(plane, operator.port, { caBundle: stranger });
    await until('its turn', async () => initNames((await create('none')).object).length === 0);
    const { object, seconds } = await create('unbelieved');
    expect([initNames(object), seconds < 3]).toEqual([[], true]);
    await operator.kill();
    operator = await startOperator(plane);
    await leadTo(plane, operator.port, { caBundle: stranger });
    await until('the right bundle', async () => ![undefined, stranger].includes(await caBundle(plane)));
    await until('the webhook', async () => initNames((await create('right')).object).length > 0);
  });
});

whenThere('what it costs', () => {
  test('a pod takes little longer with it, and its memory stays', async () => {
    const dry = async (annotations: Record<string, string>) => {
      const started = performance.now();
      await plane.client.request(`${PODS}?dryRun=All`, { method: 'POST', body: pod('timed', annotations) });
      return performance.now() - started;
    };
    const median = async (annotations: Record<string, string>) => {
      const times: number[] = [];
      for (let left = 200; left > 0; left--) times.push(await dry(annotations));
      return times.sort((one, other) => one - other)[100]!;
    };
    const memory = async () =>
      Number(/process_resident_memory_bytes (\d+)/.exec((await operator.health('/metrics')).text)![1]);
    await median({});
    const before = await memory();
    const [asks, silent] = [await median({ 'openlit.io/instrument': 'default' }), await median({})];
    const after = await memory();
    await leadTo(plane, await closedPort());
    await plane.client.request(
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/openlit-instrument',
      { method: 'DELETE' },
    );
    const bare = await median({});
    const ms = (value: number) => value.toFixed(1);
    const mib = (value: number) => (value / 2 ** 20).toFixed(0);
    process.stderr.write(
      `a pod's creation: ${ms(bare)} ms without the webhook, ${ms(silent)} with it and no wish, ${ms(asks)} observed; ` +
        `memory ${mib(before)} -> ${mib(after)} MiB\n`,
    );
    expect(asks).toBeLessThan(bare + 500);
  });

  test('told to stop, it ends', async () => {
    expect((await operator.health('/readyz')).status).toBe(200);
    expect(await operator.kill('SIGTERM')).toBe(0);
    expect(operator.said()).not.toContain('TypeError');
  });
});

async function closedPort(): Promise<number> {
  const { port, close } = await listen(net.createServer());
  await close();
  return port;
}
