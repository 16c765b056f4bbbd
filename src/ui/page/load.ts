/** A question whose answer a component shows. */
import { useEffect, useState } from 'preact/hooks';
import { ask, type Words, wordsOf } from './ask.js';

export interface Loaded<T> {
  readonly value?: T;
  readonly error?: string;
  /** The value belongs to the question before. */
  readonly stale: boolean;
}

/** @param again asks anew when it changes */
export function useAnswer<T>(path: string, words: Words, again: unknown = 0): Loaded<T> {
  const key = `${path}?${wordsOf(words)}`;
  const [state, setState] = useState<{ key: string; value?: T; error?: string }>({ key: '' });
  useEffect(() => {
    const gone = new AbortController();
    ask<T>(path, words, gone.signal).then(
      value => setState({ key, value }),
      (error: Error) => {
        if (error.name !== 'AbortError') setState({ key, error: error.message });
      },
    );
    return () => gone.abort();
  }, [key, again]);
  return { ...state, stale: state.key !== key };
}
