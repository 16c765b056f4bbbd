/**
 * What an image sets in its environment, asked of its registry (OCI distribution 1.1): manifest, then configuration. A value of
 * ours in the pod hides the image's own, so it has to be known. Only over HTTPS, only GET, and nothing of it is ever shown.
 */
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { ImageReference } from './image-reference.js';

export interface RegistryOptions {
  /** PEM; for a registry with an authority of its own. */
  readonly ca?: string;
  /** Milliseconds of one request. */
  readonly timeout?: number;
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const LARGEST = 4 * 1024 * 1024;
const MOST_REDIRECTS = 3;
/** Node's names -> those of images (GOARCH). */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' };

interface Manifest {
  readonly config?: { readonly digest: string };
  readonly manifests?: readonly { digest: string; platform?: { os?: string; architecture?: string } }[];
}

/** @param credentials `user:password`. @throws Error without a word of the answer */
export async function imageEnvironment(
  { registry, repository, version }: ImageReference,
  credentials: string | undefined,
  options: RegistryOptions = {},
): Promise<Record<string, string>> {
  const root = `https://${registry}/v2/${repository}`;
  let authorization = credentials === undefined ? undefined : basic(credentials);

  async function get<T>(path: string, accept: string): Promise<T> {
    let answer = await send(new URL(`${root}/${path}`), { accept, authorization }, options);
    const challenge = answer.headers['www-authenticate'];
    if (answer.statusCode === 401 && challenge !== undefined) {
      answer.resume();
      authorization = `Bearer ${await token(challenge, repository, credentials, options)}`;
      answer = await send(new URL(`${root}/${path}`), { accept, authorization }, options);
    }
    return await jsonOf<T>(answer);
  }

  let manifest = await get<Manifest>(`manifests/${version}`, MANIFESTS);
  if (manifest.manifests !== undefined) {
    const wanted = ARCHITECTURES[process.arch] ?? process.arch;
    const linux = manifest.manifests.filter(({ platform }) => platform?.os === 'linux');
    // Its environment is as good as never different between architectures.
    const one = linux.find(({ platform }) => platform?.architecture === wanted) ?? linux[0];
    if (one === undefined) throw new Error('there is none for Linux');
    manifest = await get<Manifest>(`manifests/${one.digest}`, MANIFESTS);
  }
  if (manifest.config === undefined) throw new Error('its manifest has no configuration');
  const { config } = await get<{ config?: { Env?: string[] | null } }>(`blobs/${manifest.config.digest}`, '*/*');
  return Object.fromEntries(
    (config?.Env ?? []).map(entry => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

/** `Bearer realm="https://…",service="…",scope="…"` (distribution's token specification). */
async function token(
  challenge: string,
  repository: string,
  credentials: string | undefined,
  options: RegistryOptions,
): Promise<string> {
  const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = part('realm');
  if (!/^bearer /i.test(challenge) || realm === undefined) throw new Error('it refuses us');
  const url = new URL(realm);
  const service = part('service');
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull`);
  const authorization = credentials === undefined ? undefined : basic(credentials);
  const found = await jsonOf<{ token?: string; access_token?: string }>(
    await send(url, { accept: 'application/json', authorization }, options),
  );
  const text = found.token ?? found.access_token;
  if (text === undefined) throw new Error('it gives no token');
  return text;
}

interface Asked {
  readonly accept: string;
  readonly authorization: string | undefined;
}

/** Blobs lie elsewhere, and credentials are not for there. */
async function send(url: URL, asked: Asked, options: RegistryOptions, left = MOST_REDIRECTS): Promise<IncomingMessage> {
  if (url.protocol !== 'https:') throw new Error('it does not speak HTTPS');
  const { accept, authorization } = asked;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    https
      .get(
        url,
        {
          agent: false,
          signal: AbortSignal.timeout(options.timeout ?? 5_000),
          ...(options.ca === undefined ? {} : { ca: options.ca }),
          headers: {
            accept,
            'user-agent': 'openlit-instrument',
            ...(authorization === undefined ? {} : { authorization }),
          },
        },
        resolve,
      )
      .on('error', reject);
  });
  const { location } = answer.headers;
  if (location === undefined || (answer.statusCode ?? 0) < 300 || (answer.statusCode ?? 0) >= 400) return answer;
  answer.resume();
  if (left === 0) throw new Error('it sends us on and on');
  const next = new URL(location, url);
  return await send(next, next.host === url.host ? asked : { accept, authorization: undefined }, options, left - 1);
}

async function jsonOf<T>(answer: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (answer.statusCode !== 200) {
    answer.resume();
    throw new Error(`it answers ${answer.statusCode}`);
  }
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as T;
}
