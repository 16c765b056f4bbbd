import type { Family } from '../family.js';

/** Told by headers, sessions and messages rather than by paths, so recognition of its calls is in `mcp-reader.ts`. */
export const mcp: Family = {
  title: 'MCP over HTTP',
  reads: 'requests and answers of both sides, sessions; see below',
  lookAhead: {
    paths: ['/mcp$', '/mcp/'],
    getPaths: ['/mcp$', '/sse$'],
    headers: ['mcp-session-id', 'mcp-protocol-version', 'mcp-method'],
    bodies: [
      '"method"\\s*:\\s*"(?:initialize|ping|(?:tools|resources|prompts|completion|logging|sampling|roots|elicitation|tasks|notifications|server|subscriptions)/)',
      '"(?:result|error)"\\s*:\\s*\\{[\\s\\S]*"jsonrpc"\\s*:',
      '"jsonrpc"\\s*:[\\s\\S]*"(?:result|error)"\\s*:\\s*\\{',
    ],
  },
};
