/**
 * A client for looks: while the API server does not answer, the next looks fail at once for a while, so that a look at the rest
 * of the machine does not wait for it each time.
 */
import { ApiError, type KubernetesClient } from '../../kubernetes/client.js';

/** ms that a look may wait for an answer. */
const PATIENCE = 3_000;
const FIRST_REST = 5_000;
const LONGEST_REST = 60_000;

export function restingClient(client: KubernetesClient, now: () => number = Date.now): KubernetesClient {
  let rest = 0;
  let until = 0;
  let last: ApiError | undefined;
  return {
    ...client,
    async request<T>(path: string) {
      if (last && now() < until) throw last;
      try {
        const answer = await client.request<T>(path, { timeout: PATIENCE });
        rest = 0;
        last = undefined;
        return answer;
      } catch (error) {
        // An answer that says no is an answer.
        if (error instanceof ApiError && error.status === 0) {
          // Requests that went out together fail together, and are one failure.
          if (now() >= until) rest = Math.min(rest === 0 ? FIRST_REST : rest * 2, LONGEST_REST);
          until = Math.max(until, now() + rest);
          last = error;
        }
        throw error;
      }
    },
  };
}
