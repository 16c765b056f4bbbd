/** Rings when something happened that asks for the next look. */
export interface Bell {
  ring(): void;
  /** Resolves with the next ring; what asked before is forgotten, so it is called before a look, not after it. */
  next(): Promise<void>;
}

export function createBell(): Bell {
  let wake = () => {};
  return {
    ring: () => wake(),
    next: () =>
      new Promise(resolve => {
        wake = resolve;
      }),
  };
}
