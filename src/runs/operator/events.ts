/**
 * Events (core/v1), where people look when a pod is not observed: on the pod's owner, because a pod at its admission has
 * neither a name nor a uid. The same words about the same object are said once in ten minutes.
 */
import type { KubernetesClient } from '../../kubernetes/client.js';
import { resourcePath } from '../../kubernetes/paths.js';
import { createShortMemory } from './short-memory.js';

export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

export interface EventWords {
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
}

export interface Events {
  /** Never throws, and nobody waits for it. */
  say(about: ObjectReference, words: EventWords): void;
}

const COMPONENT = 'openlit-instrument-operator';
const AGAIN = 600_000;
/** Of the API server. */
const LONGEST = 1_000;
/** Events under way; an API server that does not answer must not fill our memory. */
const MOST = 20;

export function createEvents(client: KubernetesClient, notice: (line: string) => void): Events {
  const said = createShortMemory<{ fresh: boolean }>(AGAIN);
  let underWay = 0;
  return {
    say(about, { type, reason, message }) {
      const entry = said.take([about.namespace, about.kind, about.name, about.uid, reason, message].join('\0'), () => ({
        fresh: true,
      }));
      if (!entry.fresh || underWay >= MOST) return;
      entry.fresh = false;
      const now = new Date().toISOString();
      const { namespace } = about;
      underWay += 1;
      client
        .request(resourcePath('', 'events', namespace), {
          method: 'POST',
          body: {
            apiVersion: 'v1',
            kind: 'Event',
            metadata: { generateName: `${about.name.slice(0, 200)}.`, namespace },
            involvedObject: about,
            type,
            reason,
            message: message.slice(0, LONGEST),
            source: { component: COMPONENT },
            firstTimestamp: now,
            lastTimestamp: now,
            count: 1,
          },
        })
        .catch(error => {
          entry.fresh = true;
          notice(
            `an event about ${about.kind} ${namespace}/${about.name} was not written: ${(error as Error).message}`,
          );
        })
        .finally(() => {
          underWay -= 1;
        });
    },
  };
}
