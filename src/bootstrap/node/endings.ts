/** The end of a program, seen without a listener that it can count, and before its own `exit` listeners can end it. */
import { patchMethod } from './patch.js';

export function watchEnd(leave: () => void): void {
  let ended = false;
  patchMethod(
    Object.getPrototypeOf(process) as object,
    'emit',
    original =>
      function (this: NodeJS.Process, event, ...args) {
        if (event === 'exit' && this === process && !ended) {
          ended = true;
          try {
            leave();
          } catch {
            // The program ends, with all that was handed over before.
          }
        }
        return original.call(this, event, ...args);
      },
  );
}
