/** The end of an MCP session: a DELETE with its id (2025-03-26 to 2025-11-25). */
import type { ConnectionFacts, ExchangeListener, RequestHead, ResponseHead, UnixNanos } from '../../exchange.js';
import type { McpSession } from '../../llm-call.js';
import { assign } from '../json/fields.js';
import type { ReaderOptions } from '../reader-options.js';
import { splitHost } from '../recognize/target.js';

/** Who talks to whom. */
export function sessionFacts(
  connection: ConnectionFacts,
  { host }: RequestHead,
): Omit<McpSession, 'start' | 'end' | 'sessionId' | 'protocolVersion'> {
  const named = host === undefined ? undefined : splitHost(host);
  const facts = { role: connection.role, protocol: connection.protocol };
  assign<Partial<McpSession>>(facts, {
    pid: connection.pid,
    serverAddress: connection.serverAddress ?? named?.name,
    serverPort: connection.serverPort ?? named?.port,
  });
  return facts;
}

export function readSessionEnd(
  options: ReaderOptions,
  head: RequestHead,
  connection: ConnectionFacts,
  sessionId: string,
): ExchangeListener {
  let status = 0;
  const nothing = () => {};
  return {
    requestHead: nothing,
    requestBody: nothing,
    requestEnd: nothing,
    responseHead(response: ResponseHead) {
      status = response.status;
    },
    responseBody: nothing,
    message: nothing,
    partial: nothing,
    end(at: UnixNanos) {
      // 405: the server keeps its sessions to itself, and this one goes on.
      if (status < 200 || status >= 300 || at === 0n) return;
      const session = options.mcp.end(connection, head.host, sessionId, at);
      if (session !== undefined) options.onSession?.(session);
    },
  };
}
