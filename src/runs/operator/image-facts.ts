/**
 * Facts of images, remembered. A registry that is slow does not keep a pod: the answer is not waited for, and is there for the
 * next pod of the rollout. Credentials are those that the pod names for pulling (`imagePullSecrets`).
 */
import type { KubernetesClient } from '../../kubernetes/client.js';
import { resourcePath } from '../../kubernetes/paths.js';
import type { ImageFacts } from '../../operator/facts.js';
import type { Pod } from '../../operator/kubernetes.js';
import { type ImageReference, parseImage, pullCredentials } from './image-reference.js';
import { imageEnvironment, type RegistryOptions } from './image-registry.js';
import { createShortMemory } from './short-memory.js';

/** Milliseconds that an admission waits: less than for everything together. */
const PATIENCE = 1_000;
/** A tag may move. */
const REMEMBERED = 10 * 60_000;

export type ReadImage = (image: string, pod: Pod, namespace: string) => Promise<ImageFacts | undefined>;

export function createImageFacts(
  client: KubernetesClient,
  notice: (line: string) => void,
  options: RegistryOptions & { readonly patience?: number } = {},
): ReadImage {
  const known = createShortMemory<Promise<ImageFacts>>(REMEMBERED);
  const recent = createShortMemory<Promise<ImageFacts | undefined>>();

  async function read(reference: ImageReference, pod: Pod, namespace: string): Promise<ImageFacts> {
    return { env: await imageEnvironment(reference, await credentialsOf(reference, pod, namespace), options) };
  }

  async function credentialsOf({ registry }: ImageReference, pod: Pod, namespace: string): Promise<string | undefined> {
    const { imagePullSecrets = [] } = pod.spec as { imagePullSecrets?: readonly { name?: string }[] };
    for (const { name = '' } of imagePullSecrets) {
      try {
        const path = resourcePath('', 'secrets', namespace, name);
        const { data } = await client.request<{ data?: Record<string, string> }>(path);
        const text = Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString();
        const found = pullCredentials(text, registry);
        if (found !== undefined) return found;
      } catch {
        // Not for us to read: the image may be public.
      }
    }
    return undefined;
  }

  return async (image, pod, namespace) => {
    const reference = parseImage(image);
    if (reference === undefined) return undefined;
    // One namespace's credentials are not for another's pods.
    const key = `${namespace} ${image}`;
    // A failure is remembered for a minute, or each pod of a rollout would wait for it.
    const answer = recent.take(key, () =>
      known
        .take(key, () => read(reference, pod, namespace))
        .catch((error: Error) => {
          notice(`the registry of ${image} could not be asked: ${error.message}`);
          return undefined;
        }),
    );
    let clock: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>(resolve => {
      clock = setTimeout(() => resolve(undefined), options.patience ?? PATIENCE);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(clock);
    }
  };
}
