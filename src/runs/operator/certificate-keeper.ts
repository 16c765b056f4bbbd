/**
 * Keeps the webhook's certificates: in a Secret that all replicas share, renewed long before their end and taken over without
 * a restart; the API server is told first whom to believe (`caBundle`), and told again when somebody takes that away.
 * Or cert-manager does all this, and we read its files.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ApiError, KubernetesClient } from '../../kubernetes/client.js';
import { createMirror } from '../../kubernetes/mirror.js';
import { resourcePath } from '../../kubernetes/paths.js';
import { nextCertificates, type Stored } from './certificate-plan.js';

export interface ServerKeys {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateKeeper {
  /** Looks, and does what has to be done. Never throws; @returns whether there is a certificate to show */
  look(): Promise<boolean>;
  /** Milliseconds since 1970; undefined: there is none yet. */
  readonly expires: number | undefined;
  close(): void;
}

export interface KeeperOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly secret: string;
  /** Under which the API server calls. */
  readonly names: readonly string[];
  /** Of the MutatingWebhookConfiguration; undefined: nobody is told. */
  readonly configuration: string | undefined;
  /** Kept by others. */
  readonly folder: string | undefined;
  readonly use: (keys: ServerKeys) => void;
  readonly notice: (line: string) => void;
  readonly now?: () => number;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/** A Secret that somebody deletes is made again within this time. */
const INTERVAL = 60_000;

interface Secret {
  readonly metadata: { readonly resourceVersion?: string };
  readonly data?: Record<string, string>;
}

interface Configuration {
  readonly metadata?: { readonly name?: string };
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

export function keepCertificates(options: KeeperOptions): CertificateKeeper {
  const { client, use, notice, configuration, folder, now = Date.now, interval = INTERVAL } = options;
  let used = '';
  let expires: number | undefined;
  let said = '';
  let looking: Promise<boolean> | undefined;

  function show(keys: ServerKeys): void {
    if (keys.cert === used) return;
    use(keys);
    used = keys.cert;
    expires = Date.parse(new X509Certificate(keys.cert).validTo);
  }

  async function attempt(): Promise<void> {
    if (folder !== undefined) {
      const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
      return show({ cert: read('tls.crt'), key: read('tls.key') });
    }
    const stored = await ours();
    // First the one who has to believe it, then what is to be believed.
    if (configuration !== undefined) await tell(configuration, stored['ca.crt']);
    show({ cert: stored['tls.crt'], key: stored['tls.key'] });
  }

  async function ours(): Promise<Stored> {
    const { namespace, secret, names } = options;
    const place = resourcePath('', 'secrets', namespace, secret);
    for (let left = 2; ; left--) {
      const found = await client.request<Secret>(place).catch((error: ApiError) => {
        if (error.status === 404) return undefined;
        throw error;
      });
      const before = decoded(found?.data);
      const next = nextCertificates(before, names, now());
      if (next === before) return next;
      const body = {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/tls',
        metadata: {
          name: secret,
          namespace,
          labels: { 'app.kubernetes.io/managed-by': 'openlit-instrument' },
          ...(found === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }),
        },
        data: Object.fromEntries(
          Object.entries(next).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
        ),
      };
      try {
        if (found === undefined) await client.request(resourcePath('', 'secrets', namespace), { method: 'POST', body });
        else await client.request(place, { method: 'PUT', body });
        return next;
      } catch (error) {
        // Another replica was faster: what it made is ours too.
        if ((error as ApiError).status !== 409 || left === 0) throw error;
      }
    }
  }

  async function tell(name: string, bundle: string): Promise<void> {
    const place = resourcePath('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', undefined, name);
    const found = await client.request<Configuration>(place);
    const caBundle = Buffer.from(bundle).toString('base64');
    const webhooks = found.webhooks ?? [];
    if (webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle)) return;
    await client.apply(
      place,
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name },
        webhooks: webhooks.map(webhook => ({ name: webhook.name, clientConfig: { caBundle } })),
      },
      // `helm upgrade` and Argo CD write the field empty; nobody else knows what belongs there.
      { force: true },
    );
  }

  function look(): Promise<boolean> {
    looking ??= attempt()
      .then(() => {
        said = '';
      })
      .catch(error => {
        const line = `the webhook's certificates: ${(error as Error).message}`;
        if (line !== said) notice(line);
        said = line;
      })
      .then(() => {
        looking = undefined;
        return used !== '';
      });
    return looking;
  }

  const clock = setInterval(() => void look(), interval);
  const watched =
    configuration === undefined || folder !== undefined
      ? undefined
      : createMirror<Configuration, true>({
          client,
          path: resourcePath('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations'),
          selector: `fieldSelector=metadata.name%3D${encodeURIComponent(configuration)}`,
          keep: () => true,
          changed: () => void look(),
          notice,
        });
  return {
    look,
    get expires() {
      return expires;
    },
    close() {
      clearInterval(clock);
      watched?.close();
    },
  };
}

function decoded(data: Record<string, string> | undefined): Partial<Stored> | undefined {
  if (data === undefined) return undefined;
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));
}
