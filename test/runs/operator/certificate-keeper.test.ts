/** The Secret, who is told whom to believe, and the server that takes a certificate over while it runs (K17). */
import { once } from 'node:events';
import tls from 'node:tls';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createClient, type KubernetesClient } from '../../../src/kubernetes/client.js';
import {
  type CertificateKeeper,
  keepCertificates,
  type ServerKeys,
} from '../../../src/runs/operator/certificate-keeper.js';
import { SERVER_LIFE } from '../../../src/runs/operator/certificate-plan.js';
import { createWebhookServer } from '../../../src/runs/operator/webhook-server.js';
import { type FakeApiServer, notFound, startApiServer, withFolder } from '../../support/kubernetes/api-server.js';

// Keys of RSA are made, on a machine that is busy.
jest.setTimeout(30_000);

const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/hook';

let api: FakeApiServer;
let client: KubernetesClient;
let secret: { metadata: { resourceVersion: string }; data: Record<string, string> } | undefined;
let configuration: { webhooks: { name: string; clientConfig: { caBundle?: string } }[] };
let conflicts: number;
let refused: boolean;
let order: string[];

beforeEach(async () => {
  secret = undefined;
  conflicts = 0;
  refused = false;
  order = [];
  configuration = { webhooks: [{ name: 'pods.openlit.io', clientConfig: {} }] };
  api = await startApiServer(({ method, path, query, body }, response) => {
    if (query.get('watch') !== null) {
      response.writeHead(200);
      response.flushHeaders();
      return undefined;
    }
    if (path === CONFIGURATION) {
      if (method === 'PATCH') {
        order.push('told');
        configuration = body as typeof configuration;
      }
      return { body: configuration };
    }
    if (path.startsWith('/api/v1/namespaces/system/secrets')) {
      if (method === 'GET') return secret === undefined ? notFound : { body: secret };
      if (refused) return { status: 403, body: { message: 'secrets is forbidden' } };
      if (conflicts-- > 0) return { status: 409, body: { message: 'the object has been modified' } };
      secret = { ...(body as { data: Record<string, string> }), metadata: { resourceVersion: String(Date.now()) } };
      return { body: secret };
    }
    return { body: { items: [], metadata: { resourceVersion: '1' } } };
  });
  client = createClient(api.connection);
});

let keeper: CertificateKeeper | undefined;
afterEach(async () => {
  keeper?.close();
  client.close();
  await api.close();
});

function keep(more: { now?: () => number; folder?: string; use?: (keys: ServerKeys) => void } = {}) {
  const notices: string[] = [];
  keeper = keepCertificates({
    client,
    namespace: 'system',
    secret: 'certificate',
    names: ['127.0.0.1'],
    configuration: 'hook',
    folder: more.folder,
    use(keys) {
      order.push('used');
      more.use?.(keys);
    },
    notice: line => notices.push(line),
    ...(more.now === undefined ? {} : { now: more.now }),
    interval: 3_600_000,
  });
  return { keeper, notices };
}

const bundle = () => configuration.webhooks[0]!.clientConfig.caBundle;

test('made, kept in the Secret; first the API server is told, then the server shows it', async () => {
  const { keeper: one } = keep();
  expect(await one.look()).toBe(true);
  expect(Object.keys(secret!.data).sort()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  expect(bundle()).toBe(secret!.data['ca.crt']);
  expect(order.slice(0, 2)).toEqual(['told', 'used']);
  expect(one.expires).toBeGreaterThan(Date.now());
});

test('a bundle that somebody took away is told again; a Secret that is there is used', async () => {
  await keep().keeper.look();
  const before = structuredClone(secret);
  configuration.webhooks[0]!.clientConfig.caBundle = '';
  keeper!.close();
  await keep().keeper.look();
  expect(bundle()).toBe(before!.data['ca.crt']);
  expect(secret).toEqual(before);
});

test('two replicas at once: the second takes what the first has made', async () => {
  conflicts = 1;
  expect(await keep().keeper.look()).toBe(true);
  expect(api.asked.filter(({ method }) => method === 'POST' || method === 'PUT')).toHaveLength(2);
});

test('an API server that refuses: said, without a certificate nobody is ready', async () => {
  refused = true;
  const { keeper: one, notices } = keep();
  expect(await one.look()).toBe(false);
  expect(notices).toEqual(["the webhook's certificates: secrets is forbidden"]);
});

test('renewed while the server runs: the next connection sees the new one, and the old bundle believes it', async () => {
  // Made 89 days ago.
  let now = Date.now() - SERVER_LIFE + 86_400_000;
  const server = createWebhookServer(async () => {
    throw new Error('not asked');
  });
  const { keeper: one } = keep({ now: () => now, use: server.use });
  await one.look();
  const port = await server.listen(0, '127.0.0.1');
  const ca = Buffer.from(bundle()!, 'base64').toString();
  const shown = async () => {
    const socket = tls.connect({ port, host: '127.0.0.1', ca });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const first = await shown();
  now = Date.now();
  await one.look();
  expect(await shown()).not.toBe(first);
  await server.close();
});

test("cert-manager's files: shown, and nobody is told", async () => {
  await keep().keeper.look();
  const files = Object.fromEntries(
    ['tls.crt', 'tls.key'].map(name => [name, Buffer.from(secret!.data[name]!, 'base64').toString()]),
  );
  keeper!.close();
  const asked = api.asked.length;
  await withFolder(files, async folder => {
    let used: ServerKeys | undefined;
    const { keeper: one } = keep({
      folder,
      use: keys => {
        used = keys;
      },
    });
    expect(await one.look()).toBe(true);
    expect(used).toEqual({ cert: files['tls.crt'], key: files['tls.key'] });
  });
  expect(api.asked).toHaveLength(asked);
});
