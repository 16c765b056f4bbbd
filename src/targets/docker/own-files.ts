/**
 * What a container wrote into its own file system, and what was copied into it after it was made (secrets and configs of
 * compose): the new one gets it too. Volumes come along by themselves.
 */
import { posix } from 'node:path';
import type { Engine } from './engine.js';
import type { Container } from './inspect.js';

/** More than this is a database or a cache that should be in a volume, and takes long to copy. */
const MOST_FILES = 2_000;

const KIND = { changed: 0, added: 1, deleted: 2 } as const;

interface Changed {
  readonly Path: string;
  readonly Kind: number;
}

export interface OwnFiles {
  /** Files, links and empty folders. */
  readonly paths: readonly string[];
  readonly deleted: number;
}

/** Why they cannot be taken along; undefined where they can. */
export const ownFilesRefusal = ({ paths, deleted }: OwnFiles): string | undefined => {
  if (paths.length > MOST_FILES)
    return `it wrote ${paths.length} files into its own file system, which a new container would not have; put them into a volume`;
  return deleted > 0 ? `it deleted ${deleted} files of its image, which would come back in a new container` : undefined;
};

/** @throws EngineError */
export async function findOwnFiles(engine: Engine, container: Container): Promise<OwnFiles> {
  const changed = (await engine.get<Changed[] | null>(`/containers/${container.Id}/changes`)) ?? [];
  return ownFiles(changed, [...(container.Mounts ?? []).map(({ Destination }) => Destination), ...tmpfs(container)]);
}

const tmpfs = ({ HostConfig }: Container): string[] => Object.keys((HostConfig['Tmpfs'] as object | null) ?? {});

/** Pure. What lies in a mount, or is only the way to one, is not the container's own. */
export function ownFiles(changed: readonly Changed[], mounts: readonly string[]): OwnFiles {
  const parents = new Set(changed.map(({ Path }) => posix.dirname(Path)));
  const isMount = (path: string) =>
    mounts.some(mount => path === mount || path.startsWith(`${mount}/`) || mount.startsWith(`${path}/`));
  const own = changed.filter(({ Path }) => !isMount(Path));
  return {
    paths: own.filter(({ Path, Kind }) => Kind !== KIND.deleted && !parents.has(Path)).map(({ Path }) => Path),
    deleted: own.filter(({ Kind }) => Kind === KIND.deleted).length,
  };
}

/** Both stand still. @throws EngineError */
export async function copyOwnFiles(engine: Engine, from: string, to: string, { paths }: OwnFiles): Promise<void> {
  const made = new Set<string>();
  for (const path of paths) {
    const folder = posix.dirname(path);
    if (!made.has(folder)) await makeFolders(engine, from, to, folder, made);
    const bytes = await engine.archive(`/containers/${from}/archive?path=${encodeURIComponent(path)}`);
    await engine.send('PUT', `/containers/${to}/archive?path=${encodeURIComponent(folder)}`, bytes);
  }
}

/** Folders above, with their owner and mode: the archive's first entry is the folder itself, without what is in it. */
async function makeFolders(engine: Engine, from: string, to: string, folder: string, made: Set<string>): Promise<void> {
  if (folder === '/' || made.has(folder)) return;
  await makeFolders(engine, from, to, posix.dirname(folder), made);
  made.add(folder);
  const bytes = await engine.archive(`/containers/${from}/archive?path=${encodeURIComponent(folder)}`);
  const end = Buffer.alloc(1024);
  const target = encodeURIComponent(posix.dirname(folder));
  await engine.send('PUT', `/containers/${to}/archive?path=${target}`, Buffer.concat([bytes.subarray(0, 512), end]));
}
