/** Questions to the server. A cookie says who asks: the token of the address is exchanged for it once. */
import { signal } from '@preact/signals';
import type { Query } from '../api.js';

/** What keeps the page from being shown. */
export const trouble = signal<'locked' | 'away' | undefined>(undefined);

export class AnswerError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Words = Readonly<Record<string, string | number | undefined>> | Query;

export function wordsOf(words: Words): string {
  const given = Object.entries(words).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** @throws AnswerError with the server's reason */
export async function ask<T>(path: string, words: Words = {}, signal?: AbortSignal): Promise<T> {
  return await answerOf<T>(fetch(`/api/${path}?${wordsOf(words)}`, signal === undefined ? {} : { signal }));
}

export async function send<T>(path: string, body: object): Promise<T> {
  return await answerOf<T>(
    fetch(`/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

async function answerOf<T>(request: Promise<Response>): Promise<T> {
  const response = await request.catch(error => {
    if ((error as Error).name !== 'AbortError') trouble.value = 'away';
    throw error;
  });
  const value = (await response.json()) as T & { error?: string };
  if (response.ok) return value;
  if (response.status === 401) trouble.value = 'locked';
  throw new AnswerError(response.status, value.error ?? response.statusText);
}

/** The token leaves the address at once: it would be copied with it. */
export async function unlock(): Promise<void> {
  const [, token] = /^#token=([\w-]+)/.exec(location.hash) ?? [];
  if (token === undefined) return;
  history.replaceState(null, '', '#/calls');
  await send('session-token', { token });
}
