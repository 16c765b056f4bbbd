/** Of which traces something was on the wire. */

export interface WireTraces {
  add(traceIds: readonly string[]): void;
  /** It was no call after all. */
  remove(traceIds: readonly string[]): void;
  has(traceId: string): boolean;
}

/** How many exchanges a trace has; the oldest traces fall out. */
export function createWireTraces(limit: number): WireTraces {
  const counts = new Map<string, number>();
  return {
    add(traceIds) {
      for (const id of traceIds) {
        const count = counts.get(id) ?? 0;
        counts.delete(id);
        counts.set(id, count + 1);
      }
      if (counts.size <= limit) return;
      // Some at once, as of the known spans.
      const rest = limit - (limit >> 3);
      for (const oldest of counts.keys()) {
        if (counts.size <= rest) break;
        counts.delete(oldest);
      }
    },
    remove(traceIds) {
      for (const id of traceIds) {
        const count = counts.get(id);
        if (count === undefined) continue;
        if (count > 1) counts.set(id, count - 1);
        else counts.delete(id);
      }
    },
    has: traceId => counts.has(traceId),
  };
}
