/**
 * A copy of what the API server has of one kind, kept up to date by a watch. A watch may be silently dead for an hour
 * (kubernetes-client/javascript #958, #1933), so each ends after a while by our own clock, and everything is listed anew.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type KubernetesClient } from './client.js';

export interface Listed {
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
}

export interface Mirror<T> {
  /** Resolves with the first list. */
  readonly ready: Promise<void>;
  readonly all: () => readonly T[];
  readonly get: (name: string, namespace?: string) => T | undefined;
  /** Milliseconds since the API server last said anything of it; undefined: it never has. */
  readonly age: () => number | undefined;
  close(): void;
}

export interface MirrorOptions<T extends Listed, K> {
  readonly client: KubernetesClient;
  readonly path: string;
  /** What is kept of an object; the rest is forgotten. */
  readonly keep: (object: T) => K;
  /** `fieldSelector=…`, `labelSelector=…` */
  readonly selector?: string;
  readonly changed?: () => void;
  readonly notice?: (line: string) => void;
  /** Milliseconds of one watch. */
  readonly relist?: number;
}

const RELIST = 5 * 60_000;
/** Milliseconds beyond the time that the server is asked to keep a watch. */
const GRACE = 10_000;
const PAGE = 500;
const LONGEST_BREAK = 30_000;

interface Page<T> {
  readonly items?: readonly T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number; readonly message?: string };
}

const keyOf = (name = '', namespace = ''): string => `${namespace}/${name}`;

export function createMirror<T extends Listed, K>(options: MirrorOptions<T, K>): Mirror<K> {
  const { client, keep, relist = RELIST, changed = () => {}, notice = () => {} } = options;
  const ended = new AbortController();
  let objects = new Map<string, K>();
  let heard: number | undefined;
  let said = '';
  let first = () => {};
  const ready = new Promise<void>(resolve => {
    first = resolve;
  });

  const path = (more: string): string => `${options.path}?${[options.selector, more].filter(Boolean).join('&')}`;

  async function list(): Promise<string> {
    const found = new Map<string, K>();
    let token = '';
    for (;;) {
      const from = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
      const page: Page<T> = await client.request(path(`limit=${PAGE}${from}`));
      for (const item of page.items ?? []) found.set(keyOf(item.metadata?.name, item.metadata?.namespace), keep(item));
      token = page.metadata.continue ?? '';
      if (token !== '') continue;
      objects = found;
      heard = performance.now();
      first();
      changed();
      return page.metadata.resourceVersion;
    }
  }

  async function watch(version: string): Promise<void> {
    const dead = new AbortController();
    const clock = setTimeout(() => dead.abort(), relist + GRACE);
    const signal = AbortSignal.any([dead.signal, ended.signal]);
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${Math.ceil(relist / 1000)}&resourceVersion=${version}`;
    try {
      for await (const line of client.lines(path(query), signal)) {
        if (line === '') continue;
        const { type, object } = JSON.parse(line) as WatchEvent<T>;
        // 410: what it would go on from is gone.
        if (type === 'ERROR') throw new ApiError(object.code ?? 0, object.message ?? 'the watch ended');
        heard = performance.now();
        if (type === 'BOOKMARK') continue;
        const key = keyOf(object.metadata?.name, object.metadata?.namespace);
        if (type === 'DELETED') objects.delete(key);
        else objects.set(key, keep(object));
        changed();
      }
    } catch (error) {
      // By our own clock: that is how it is meant.
      if (!dead.signal.aborted && (error as ApiError).status !== 410) throw error;
    } finally {
      clearTimeout(clock);
    }
  }

  async function run(): Promise<void> {
    let rest = 500;
    while (!ended.signal.aborted) {
      try {
        await watch(await list());
        rest = 500;
        said = '';
      } catch (error) {
        if (ended.signal.aborted) return;
        const line = `${options.path} cannot be followed: ${(error as Error).message}`;
        if (line !== said) notice(line);
        said = line;
        await pause(rest * (0.5 + Math.random()), undefined, { signal: ended.signal }).catch(() => {});
        rest = Math.min(rest * 2, LONGEST_BREAK);
      }
    }
  }

  void run();
  return {
    ready,
    all: () => [...objects.values()],
    get: (name, namespace) => objects.get(keyOf(name, namespace)),
    age: () => (heard === undefined ? undefined : performance.now() - heard),
    close: () => ended.abort(),
  };
}
