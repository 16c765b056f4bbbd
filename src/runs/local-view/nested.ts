/**
 * One request, two spans: where a framework and the client library below it are both observed, the outer span and the
 * inner one carry the same tokens. The inner one is nearest to the wire and is what is counted.
 */
import type { FlatSpan } from '../../receive/values.js';

const SERVER = 2;

/** Spans that are remembered; a child ends before its parent, normally by microseconds. */
const MOST_REMEMBERED = 10_000;

/** Asked with each call span in the order of arrival; true when a call inside it was counted already. */
export function createNestingCheck(): (span: FlatSpan) => boolean {
  const parents = new Set<string>();
  return span => {
    // A gateway that answers one call by another has really made two.
    const outer = span.kind !== SERVER && parents.has(span.spanId);
    if (span.parentSpanId !== undefined) {
      parents.add(span.parentSpanId);
      if (parents.size > MOST_REMEMBERED) parents.delete(parents.values().next().value!);
    }
    return outer;
  };
}
