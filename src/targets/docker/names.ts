/** Keys of containers: `docker:NAME`, for Podman too. */

/** A colon inside a part would make two keys one. */
export const keyOfContainer = (name: string): string => `docker:${name.replaceAll(':', '_')}`;

export const nameOfKey = (key: string): string | undefined => /^docker:(.+)$/.exec(key)?.[1];
