/** Names of images, as a pod writes them (the distribution project's reference grammar). Pure. */
export interface ImageReference {
  /** Host, perhaps with a port. */
  readonly registry: string;
  readonly repository: string;
  /** A digest where there is one, else the tag. */
  readonly version: string;
}

const DOCKER_HUB = 'registry-1.docker.io';

/** @returns undefined for what is no name of an image */
export function parseImage(image: string): ImageReference | undefined {
  const [named = '', digest] = image.split('@', 2);
  const [, path, tag] = /^(.+?)(?::([\w][\w.-]{0,127}))?$/.exec(named) ?? [];
  if (path === undefined) return undefined;
  const [first = '', ...rest] = path.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const repository = isHost ? rest.join('/') : path.includes('/') ? path : `library/${path}`;
  if (!/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository)) return undefined;
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
  const registry = isHost && first !== 'docker.io' ? first : DOCKER_HUB;
  if (!/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d+)?$/i.test(registry)) return undefined;
  return { registry, repository, version: digest ?? tag ?? 'latest' };
}

/** Of a Secret for pulling (`.dockerconfigjson`): `user:password`, by the registry's host. */
export function pullCredentials(text: string, registry: string): string | undefined {
  let auths: Record<string, { auth?: string; username?: string; password?: string } | null>;
  try {
    auths = (JSON.parse(text) as { auths?: typeof auths }).auths ?? {};
  } catch {
    return undefined;
  }
  const host = (key: string) => key.replace(/^https?:\/\//, '').split('/', 1)[0]!;
  const names = registry === DOCKER_HUB ? ['index.docker.io', 'docker.io', DOCKER_HUB] : [registry];
  const found = Object.entries(auths).find(([key]) => names.includes(host(key)))?.[1];
  if (!found) return undefined;
  if (found.auth) return Buffer.from(found.auth, 'base64').toString();
  return found.username === undefined ? undefined : `${found.username}:${found.password ?? ''}`;
}
