/** Consumers that write calls as JSON lines: for programs that read them, and for later commands. */
import type { Consumer, RecordedCall } from '../calls/recorded-call.js';
import type { CallStore } from '../store/call-store.js';
import { type CallLine, callLine } from '../telemetry/call-line.js';

/** `--format json`: one line for each call (design §2). */
export function callLines(lines: { line(text: string): void; flush(): void }): Consumer {
  return {
    call: recorded => lines.line(JSON.stringify(lineOf(recorded))),
    finish: async () => lines.flush(),
  };
}

/** The kept run: the same lines, whose they are, their place in the trace, and the steps around them. */
export function keptCalls(store: CallStore): Consumer {
  return {
    call(recorded) {
      const { traceId, spanId, parentSpanId } = recorded.identity;
      const process = recorded.call.process ?? recorded.target.process;
      store.add({
        ...lineOf(recorded),
        ...(process === undefined ? {} : { process }),
        id: spanId,
        trace_id: traceId,
        ...(parentSpanId === undefined ? {} : { parent_id: parentSpanId }),
        ...(recorded.sameAs === undefined ? {} : { same_as: recorded.sameAs.spanId }),
      });
    },
    span({ span, target: { pid, process } }) {
      const { spanId, traceId, parentSpanId, name, attributes, start, end, error } = span;
      store.add({
        kind: 'span',
        id: spanId,
        trace_id: traceId,
        ...(parentSpanId === undefined ? {} : { parent_id: parentSpanId }),
        name,
        ...(pid === undefined ? {} : { pid }),
        ...(process === undefined ? {} : { process }),
        attributes,
        start: String(start),
        end: String(end),
        ...(error === undefined ? {} : { status: 'error' }),
        ...(error?.message === undefined ? {} : { error_message: error.message }),
      });
    },
    finish: async () => store.flush(),
  };
}

function lineOf({ call, cost, extra, sameAs, target: { settings } }: RecordedCall): CallLine {
  const options = { ...settings, ...(cost === undefined ? {} : { cost }), ...(extra === undefined ? {} : { extra }) };
  return callLine(call, options, sameAs?.id);
}
