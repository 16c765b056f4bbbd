/** All that the core decides by. */
import type { Jitter } from './back-off.js';
import type { Desired } from './desired.js';
import type { History } from './history.js';
import type { Observed } from './observed.js';
import type { Policy } from './policy.js';

export interface Situation {
  readonly observed: Observed;
  readonly desired: Desired;
  readonly history: History;
  /** Ids of tries that this very agent is carrying out, or looking at, now. After its restart: none. */
  readonly running: ReadonlySet<string>;
  readonly now: number;
  readonly policy: Policy;
  readonly jitter: Jitter;
}
