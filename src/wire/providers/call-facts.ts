import type { ConnectionFacts, PartialReason, RequestHead } from '../exchange.js';
import type { CallFacts } from '../llm-call.js';
import type { CallTimes } from './call-times.js';
import { assign } from './json/fields.js';
import { splitHost } from './recognize/target.js';

export interface FactSources {
  readonly id: string;
  readonly connection: ConnectionFacts;
  readonly head: RequestHead;
  readonly status: number | undefined;
  readonly times: CallTimes;
  readonly partial: Iterable<PartialReason>;
}

/** What every call has, whatever it is. The name of the server comes from the connection, else from the request. */
export function callFacts({ id, connection, head, status, times, partial }: FactSources): CallFacts {
  const host = head.host === undefined ? undefined : splitHost(head.host);
  const facts: CallFacts = { id, role: connection.role, protocol: connection.protocol, partial: [...partial] };
  assign(facts, {
    pid: connection.pid,
    process: connection.process,
    serverAddress: connection.serverAddress ?? host?.name,
    serverPort: connection.serverPort ?? host?.port,
    httpStatus: status,
    traceparent: head.headers.traceparent,
    ...times.facts(),
  });
  return facts;
}
