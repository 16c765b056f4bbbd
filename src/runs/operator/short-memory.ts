/** Answers that hold for a while: a rollout of 50 pods asks for the same owner 50 times. Bounded, the oldest goes first. */
export interface ShortMemory<T> {
  /** What is remembered, else what `make` gives. A promise that fails is forgotten. */
  take(key: string, make: () => T): T;
}

const MOST = 2_000;

/** @param life milliseconds */
export function createShortMemory<T>(life = 60_000, now: () => number = Date.now): ShortMemory<T> {
  const known = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    take(key, make) {
      const found = known.get(key);
      if (found !== undefined && found.until > now()) return found.value;
      const value = make();
      known.delete(key);
      known.set(key, { value, until: now() + life });
      if (known.size > MOST) known.delete(known.keys().next().value as string);
      if (value instanceof Promise) {
        value.catch(() => {
          if (known.get(key)?.value === value) known.delete(key);
        });
      }
      return value;
    },
  };
}
