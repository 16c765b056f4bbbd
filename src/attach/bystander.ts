/** A process of the session that is observed from inside: nothing of it is taken here, but it is followed. */

import type { ProcessIdentity } from '../machine/identity.js';
import type { ObservedProcess } from './observed-process.js';

/** Takes the place of its observation, without probes. */
export function standBy(facts: ProcessIdentity): ObservedProcess {
  let current = facts;
  return {
    get facts() {
      return current;
    },
    files: [],
    // What its children send unseen is told by their sockets.
    covered: true,
    replaced: next => {
      current = next;
    },
    mapped: () => {},
    unshare: () => {},
    close: async () => {},
  };
}
