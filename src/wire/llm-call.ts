/**
 * The one neutral record of a call, between the providers (which alone know the wire formats) and the telemetry (which
 * alone knows the conventions' names). A field that was not on the wire is absent: never 0, never an empty string.
 */
import type { PartialReason, Protocol, Role, UnixNanos } from './exchange.js';

/** `gen_ai.operation.name` values that the wire can prove. */
export type Operation =
  | 'chat'
  | 'text_completion'
  | 'embeddings'
  | 'generate_content'
  | 'image_generation'
  | 'speech'
  | 'transcription'
  | 'rerank'
  /** Questions about an input, answered by probabilities. */
  | 'decision'
  | 'realtime'
  /** What was computed in the background is fetched. */
  | 'fetch_response';

/** Parameters as they were sent. */
export interface RequestFacts {
  model?: string;
  stream?: boolean;
  temperature?: number;
  topP?: number;
  topK?: number;
  maxTokens?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  stopSequences?: string[];
  choiceCount?: number;
  encodingFormats?: string[];
  dimensions?: number;
  outputType?: 'text' | 'json' | 'image' | 'speech';
  reasoningLevel?: string;
  previousResponseId?: string;
  serviceTier?: string;
}

export interface ResponseFacts {
  id?: string;
  model?: string;
  /** The provider's raw values, one per choice, in order. */
  finishReasons?: string[];
  serviceTier?: string;
  systemFingerprint?: string;
  /** Length of the returned vectors. */
  embeddingDimensions?: number;
}

/** Counts by the rules of genai-wire.md B.10.2: input includes cached tokens, output includes reasoning. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadInputTokens?: number;
  cacheWriteInputTokens?: number;
  reasoningOutputTokens?: number;
  textInputTokens?: number;
  imageInputTokens?: number;
  audioInputTokens?: number;
  textOutputTokens?: number;
  imageOutputTokens?: number;
  audioOutputTokens?: number;
}

/**
 * What an answer says of its bill beyond tokens at list price. Not reported as such: it decides whether a cost can be
 * computed, and which.
 */
export interface Billing {
  /** Kept for an hour, which costs more than other cached tokens; inside `cacheWriteInputTokens`. */
  cacheWrite1hInputTokens?: number;
  /** Other than the standard one: `fast`. */
  speed?: string;
  /** Where it was computed, if that was asked for: `us`. */
  inferenceGeo?: string;
  /** Searches that the provider ran. */
  webSearches?: number;
  fileSearches?: number;
  /** Asked for in a batch, which costs half where a provider says so. */
  batch?: true;
  /** Something is billed of which neither the answer nor any list says the price: `code_interpreter_call`. */
  unpriced?: string;
}

/** A message part in the shape of the conventions' JSON schemas (`gen_ai.input.messages` and its kin). */
export type MessagePart = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface Message {
  role: string;
  parts: MessagePart[];
  finish_reason?: string;
  name?: string;
}

export interface ToolCall {
  id?: string;
  name: string;
  /** Arguments as the JSON text that the model wrote; not parsed, it may be broken. */
  arguments: string;
}

/** Messages; collected only when content was asked for, and bounded by the decoder's limits. */
export interface Content {
  systemInstructions?: MessagePart[];
  inputMessages?: Message[];
  outputMessages?: Message[];
  toolDefinitions?: unknown[];
}

export interface CallError {
  /** `error.type`: the provider's machine-readable code, else the HTTP status, else a transport reason. */
  type: string;
  message?: string;
}

/** Facts that every decoded call has, whatever it is. */
export interface CallFacts {
  id: string;
  role: Role;
  /** Absent where nothing was seen on a wire: the SDK's own report of a model in the process. */
  protocol?: Protocol;
  pid?: number;
  process?: string;
  serverAddress?: string;
  serverPort?: number;
  /** Request head seen. Absent when the source has no times (corpus, HAR without them). */
  start?: UnixNanos;
  /** First event of a streamed call that carries something of the model; where none does, its first event. */
  firstChunk?: UnixNanos;
  /** Time of every output chunk of a streamed call after the first; bounded. */
  chunkTimes?: UnixNanos[];
  end?: UnixNanos;
  httpStatus?: number;
  error?: CallError;
  partial: PartialReason[];
  /** W3C trace context found in the request's headers or body, for the parent of our span on the server's side. */
  traceparent?: string;
}

export interface LlmCall extends CallFacts {
  kind: 'llm';
  /** `gen_ai.provider.name`: who answers at the host, else the inventor of the format; absent where it has none. */
  provider?: string;
  operation?: Operation;
  request: RequestFacts;
  response: ResponseFacts;
  usage: Usage;
  conversationId?: string;
  /** Cost as the provider stated it on the wire; computed cost is added by the telemetry, not here. */
  statedCost?: { amount: number; currency: string };
  billing?: Billing;
  /** Of the fetched results of a batch: the answers that this call is the sum of. They are priced, and measured, one by one. */
  batched?: readonly BatchedCall[];
  /** Attributes of one provider or format under their conventional names (`aws.bedrock.guardrail.id`, `openai.api.type`). */
  extra?: Record<string, string | number | boolean | string[]>;
  /** All choices joined in order; only when content was asked for. */
  outputText?: string;
  /** The calls that the model asked for; empty unless content was asked for, because arguments are content. */
  toolCalls: ToolCall[];
  content?: Content;
}

/** One answer among the results of a batch. */
export type BatchedCall = Pick<LlmCall, 'operation' | 'request' | 'response' | 'usage' | 'billing' | 'statedCost'>;

export interface McpCall extends CallFacts {
  kind: 'mcp';
  method: string;
  toolName?: string;
  promptName?: string;
  resourceUri?: string;
  requestId?: string;
  protocolVersion?: string;
  sessionId?: string;
  rpcStatusCode?: string;
  toolArguments?: unknown;
  toolResult?: unknown;
}

/** A session of MCP whose beginning and end were both seen. It is no call: it is measured, not traced. */
export interface McpSession extends Pick<CallFacts, 'role' | 'protocol' | 'pid' | 'serverAddress' | 'serverPort'> {
  sessionId?: string;
  protocolVersion?: string;
  start: UnixNanos;
  end: UnixNanos;
}

export type Call = LlmCall | McpCall;
