/** What every reader of an exchange is given: one format, one socket, one MCP session alike. */
import type { Call, McpSession } from '../llm-call.js';
import type { JsonLimits } from './json/document.js';
import type { LaterResults } from './later-results.js';
import type { McpLinks } from './mcp/links.js';

export interface ReaderOptions {
  readonly onCall: (call: Call) => void;
  readonly onSession: ((session: McpSession) => void) | undefined;
  /** What joins the exchanges of one MCP session. */
  readonly mcp: McpLinks;
  readonly later: LaterResults;
  readonly newId: () => string;
  readonly content: boolean;
  /** Characters of output, and bytes of selected JSON values, that are kept of one call. */
  readonly contentLimit: number;
  readonly json: JsonLimits;
}
