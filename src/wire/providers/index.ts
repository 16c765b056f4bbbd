/**
 * Exchanges -> LLM calls. Every format of every provider is behind these two functions; who calls them knows neither.
 */
import type { OpenExchange } from '../exchange.js';
import type { Call, McpSession } from '../llm-call.js';
import { BatchReader } from './batches/batch-reader.js';
import { mayBeResults } from './batches/family.js';
import { CallReader } from './call-reader.js';
import { GrpcReader } from './grpc/grpc-reader.js';
import { grpcMethodOf } from './grpc/methods.js';
import { JSON_LIMITS, type JsonLimits } from './json/document.js';
import { LaterResults } from './later-results.js';
import { McpLinks } from './mcp/links.js';
import { ListenReader, mayListen } from './mcp/listen-reader.js';
import { looksLikeMcp, McpReader } from './mcp/mcp-reader.js';
import { readSessionEnd } from './mcp/session-reader.js';
import { knownHost } from './recognize/hosts.js';
import { recognize, recognizeSocket } from './recognize/recognize.js';
import { routeOf } from './recognize/routes.js';
import { pathOf } from './recognize/target.js';
import { SocketReader } from './sockets/socket-reader.js';

export { LaterResults } from './later-results.js';
export { McpLinks } from './mcp/links.js';

export interface CallDecoderLimits {
  /** Characters of the model's output that are kept of one call; default 1 Mi. */
  readonly content?: number;
  /** See `JsonLimits`. */
  readonly json?: JsonLimits;
}

export interface CallDecoderOptions {
  /** Called once for each call, when its exchange has ended. */
  onCall(call: Call): void;
  /** Called when an MCP session ends whose beginning was seen. */
  onSession?(session: McpSession): void;
  /** Shared by the decoders of one program, where it has several; an MCP session has several connections. */
  readonly mcp?: McpLinks;
  /** Shared likewise: a result that is computed in the background may be fetched on another connection. */
  readonly later?: LaterResults;
  /** Whether messages, output and tool arguments are collected; without it they are not even stored. */
  readonly content: boolean;
  readonly limits?: CallDecoderLimits;
  newId(): string;
}

const DEFAULT_CONTENT = 1024 * 1024;

/** A type that was left out says nothing, and a page's scripts call JSON text so as not to ask first. */
function mayBeJson(type: string | undefined): boolean {
  return type === undefined || /json|^text\/plain|^application\/octet-stream|^\s*$/i.test(type);
}

/** Decodes exchanges as they happen. What is no inference is declined at its head, or dropped when its body shows it. */
export function createCallDecoder(options: CallDecoderOptions): OpenExchange {
  const reader = {
    onCall: (call: Call) => options.onCall(call),
    onSession: options.onSession === undefined ? undefined : (session: McpSession) => options.onSession?.(session),
    mcp: options.mcp ?? new McpLinks(),
    later: options.later ?? new LaterResults(),
    newId: () => options.newId(),
    content: options.content,
    contentLimit: options.limits?.content ?? DEFAULT_CONTENT,
    json: options.limits?.json ?? JSON_LIMITS,
  };
  return (given, facts) => {
    // Without a host of its own, the request's server is the one that the connection is known to lead to.
    const host = given.host ?? facts.serverAddress;
    const head = host === given.host || host === undefined ? given : { ...given, host };
    const path = pathOf(head.path);
    const providerOf = () => (head.host === undefined ? undefined : knownHost(head.host, path)?.provider);
    const socket = recognizeSocket(head);
    if (socket !== undefined) return new SocketReader(reader, socket, providerOf(), head, facts);
    const grpc = grpcMethodOf(head);
    if (grpc !== undefined) return new GrpcReader(reader, grpc, head, facts);
    if (mayBeResults(head.method, path)) return new BatchReader(reader, providerOf(), head, facts);
    const isJson = mayBeJson(head.headers['content-type']);
    if (mayListen(head, path)) return new ListenReader(reader, head, facts);
    const session = head.headers['mcp-session-id'];
    if (head.method === 'DELETE' && session !== undefined) return readSessionEnd(reader, head, facts, session);
    const isMcp =
      head.method === 'POST' &&
      isJson &&
      (looksLikeMcp(path, head.headers) || reader.mcp.find(facts, head.host, head.path) !== undefined);
    if (isMcp && routeOf(path, providerOf()) === undefined) return new McpReader(reader, head, facts);
    const recognized = recognize(head, isJson);
    return recognized === undefined ? undefined : new CallReader(reader, recognized, head, facts);
  };
}
