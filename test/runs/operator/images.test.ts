/** What an image sets in its environment, asked of a registry over real TLS (K1). */
import https from 'node:https';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubernetesClient } from '../../../src/kubernetes/client.js';
import type { Pod } from '../../../src/operator/kubernetes.js';
import { createImageFacts } from '../../../src/runs/operator/image-facts.js';
import { parseImage, pullCredentials } from '../../../src/runs/operator/image-reference.js';
import { makeAuthority, makeServerCertificate } from '../../../src/runs/operator/make-certificate.js';
import { type Listening, listen } from '../../support/servers.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('names', () => {
  test.each([
    ['python', 'registry-1.docker.io', 'library/python', 'latest'],
    ['python:3.12-slim', 'registry-1.docker.io', 'library/python', '3.12-slim'],
    ['docker.io/me/app', 'registry-1.docker.io', 'me/app', 'latest'],
    ['ghcr.io/me/app:1', 'ghcr.io', 'me/app', '1'],
    ['localhost:5000/app', 'localhost:5000', 'app', 'latest'],
    [`quay.io/a/b/c:1@${DIGEST}`, 'quay.io', 'a/b/c', DIGEST],
  ])('%s', (image, registry, repository, version) => {
    expect(parseImage(image)).toEqual({ registry, repository, version });
  });

  test.each(['', 'Up/Case', 'a b', 'app@sha256:1', '../x', 'host.io/..'])('%j is none', image => {
    expect(parseImage(image)).toBeUndefined();
  });

  test('credentials for pulling, in all their forms', () => {
    const file = (auths: object) => JSON.stringify({ auths });
    const auth = Buffer.from('me:word').toString('base64');
    expect(pullCredentials(file({ 'https://index.docker.io/v1/': { auth } }), 'registry-1.docker.io')).toBe('me:word');
    expect(pullCredentials(file({ 'r.io': { username: 'u', password: 'p' } }), 'r.io')).toBe('u:p');
    expect(pullCredentials(file({ 'r.io': {} }), 'other.io')).toBeUndefined();
    expect(pullCredentials('no json', 'r.io')).toBeUndefined();
  });
});

describe('a registry', () => {
  const authority = makeAuthority(Date.now(), Date.now() + 86_400_000);
  const keys = makeServerCertificate(authority, ['127.0.0.1'], Date.now(), Date.now() + 86_400_000);
  const noClient = {} as KubernetesClient;
  const pod = (spec: object = {}) => ({ spec: { containers: [], ...spec } }) as Pod;
  let server: Listening;
  let elsewhere: Listening;
  let asked: { path: string; authorization: string | undefined }[];
  let answers: (path: string) => { status?: number; headers?: object; body?: unknown } | undefined;

  beforeEach(async () => {
    asked = [];
    const one = async () => {
      return await listen(
        https.createServer({ cert: keys.cert, key: keys.key }, ({ url = '', headers }, response) => {
          asked.push({ path: url, authorization: headers.authorization });
          const answer = answers(url);
          if (answer === undefined) return;
          response.writeHead(answer.status ?? 200, { ...answer.headers }).end(JSON.stringify(answer.body ?? {}));
        }),
      );
    };
    server = await one();
    elsewhere = await one();
  });
  afterEach(async () => {
    await server.close();
    await elsewhere.close();
  });

  const notices: string[] = [];
  const read = (patience = 3_000) =>
    createImageFacts(noClient, line => notices.push(line), { ca: authority.cert, patience, timeout: 2_000 });
  const image = () => `127.0.0.1:${server.port}/me/app:1`;
  const CONFIG = { body: { config: { Env: ['PYTHONPATH=/app', 'PATH=/bin:/usr/bin', 'A=b=c'] } } };

  test('an index, its manifest, a token, a blob that lies elsewhere without our credentials', async () => {
    answers = path => {
      if (path.startsWith('/token')) return { body: { token: 'T' } };
      if (path === '/blob') return CONFIG;
      if (asked.at(-1)!.authorization !== 'Bearer T') {
        const realm = `https://127.0.0.1:${server.port}/token`;
        return { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}",service="r",scope="x"` } };
      }
      if (path.endsWith('/manifests/1')) {
        return {
          body: {
            manifests: [
              { digest: 'w', platform: { os: 'windows', architecture: 'amd64' } },
              { digest: 'sha256:m', platform: { os: 'linux', architecture: 'amd64' } },
            ],
          },
        };
      }
      if (path.endsWith('/manifests/sha256:m')) return { body: { config: { digest: 'sha256:c' } } };
      return { status: 307, headers: { location: `https://127.0.0.1:${elsewhere.port}/blob` } };
    };
    const facts = read();
    expect(await facts(image(), pod(), 'shop')).toEqual({
      env: { PYTHONPATH: '/app', PATH: '/bin:/usr/bin', A: 'b=c' },
    });
    expect(asked.find(({ path }) => path.startsWith('/token'))!.path).toContain('scope=repository%3Ame%2Fapp%3Apull');
    expect(asked.find(({ path }) => path === '/blob')!.authorization).toBeUndefined();
    const before = asked.length;
    await facts(image(), pod(), 'shop');
    expect(asked).toHaveLength(before);
  });

  test("credentials that the pod names, and no other namespace's", async () => {
    const auth = Buffer.from('me:word').toString('base64');
    const file = JSON.stringify({ auths: { [`127.0.0.1:${server.port}`]: { auth } } });
    const client = {
      request: async (path: string) =>
        path === '/api/v1/namespaces/shop/secrets/pull'
          ? { data: { '.dockerconfigjson': Buffer.from(file).toString('base64') } }
          : Promise.reject(new Error('no')),
    } as unknown as KubernetesClient;
    answers = path => {
      if (asked.at(-1)!.authorization !== `Basic ${auth}`) return { status: 403 };
      return path.includes('/blobs/') ? CONFIG : { body: { config: { digest: 'sha256:c' } } };
    };
    const facts = createImageFacts(client, line => notices.push(line), { ca: authority.cert });
    const given = pod({ imagePullSecrets: [{ name: 'pull' }] });
    expect((await facts(image(), given, 'shop'))?.env['PYTHONPATH']).toBe('/app');
    notices.length = 0;
    expect(await facts(image(), given, 'other')).toBeUndefined();
    expect(notices).toEqual([`the registry of ${image()} could not be asked: it answers 403`]);
    expect(notices.join()).not.toContain('word');
  });

  test('one that is slow is not waited for, and asked once for a whole rollout', async () => {
    answers = () => undefined;
    const facts = read(50);
    const started = performance.now();
    expect(await Promise.all([1, 2, 3].map(() => facts(image(), pod(), 'shop')))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(asked).toHaveLength(1);
  });

  test.each([
    [
      'a token from where there is no TLS',
      { status: 401, headers: { 'www-authenticate': 'Bearer realm="http://10.0.0.1/"' } },
    ],
    ['a way that never ends', { status: 302, headers: { location: '/again' } }],
    ['no manifest', { body: {} }],
  ])('%s: nobody could say', async (_, answer) => {
    answers = () => answer;
    expect(await read()(image(), pod(), 'shop')).toBeUndefined();
  });
});
