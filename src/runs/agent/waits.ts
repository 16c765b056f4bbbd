/** How the agent waits. */

/** A wait that holds the process, and what ends it early. */
export function cancellable(milliseconds: number): [Promise<void>, () => void] {
  let timer: NodeJS.Timeout | undefined;
  const done = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds);
  });
  return [done, () => clearTimeout(timer)];
}

/** A wait that does not hold the process. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, milliseconds).unref();
  });
