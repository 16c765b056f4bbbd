/**
 * Every name of the conventions that we emit, once. Source: OpenTelemetry semantic-conventions v1.41 (`docs/gen-ai/`, the
 * last tagged release that has the GenAI names) and, where marked "head", open-telemetry/semantic-conventions-genai.
 */

/** `v1.41` is what backends know today; `head` are the development names behind the opt-in of the specification. */
export type Generation = 'v1.41' | 'head';

/** The value of `OTEL_SEMCONV_STABILITY_OPT_IN` that asks for the newest GenAI names. */
const OPT_IN = 'gen_ai_latest_experimental';

/** Reads the comma list of `OTEL_SEMCONV_STABILITY_OPT_IN`. */
export function generationFromOptIn(value: string | undefined): Generation {
  const words = (value ?? '').split(',').map(word => word.trim());
  return words.includes(OPT_IN) ? 'head' : 'v1.41';
}

export const SCHEMA_URL: Readonly<Record<Generation, string>> = {
  'v1.41': 'https://opentelemetry.io/schemas/1.41.0',
  head: 'https://opentelemetry.io/schemas/gen-ai/1.42.0',
};

/** Attribute names. Those from `requestReasoningLevel` on exist in the head only, unless a comment says otherwise. */
export const ATTRIBUTE = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  conversationId: 'gen_ai.conversation.id',
  outputType: 'gen_ai.output.type',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestTopK: 'gen_ai.request.top_k',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestFrequencyPenalty: 'gen_ai.request.frequency_penalty',
  requestPresencePenalty: 'gen_ai.request.presence_penalty',
  requestSeed: 'gen_ai.request.seed',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestChoiceCount: 'gen_ai.request.choice.count',
  requestEncodingFormats: 'gen_ai.request.encoding_formats',
  embeddingsDimensionCount: 'gen_ai.embeddings.dimension.count',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  usageCacheCreationInputTokens: 'gen_ai.usage.cache_creation.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  // content, opt-in
  systemInstructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolDefinitions: 'gen_ai.tool.definitions',
  toolCallArguments: 'gen_ai.tool.call.arguments',
  toolCallResult: 'gen_ai.tool.call.result',
  // provider-specific
  openaiRequestServiceTier: 'openai.request.service_tier',
  openaiResponseServiceTier: 'openai.response.service_tier',
  openaiResponseSystemFingerprint: 'openai.response.system_fingerprint',
  openaiApiType: 'openai.api.type',
  azureResourceProviderNamespace: 'azure.resource_provider.namespace',
  // MCP
  mcpMethodName: 'mcp.method.name',
  mcpProtocolVersion: 'mcp.protocol.version',
  mcpResourceUri: 'mcp.resource.uri',
  mcpSessionId: 'mcp.session.id',
  jsonrpcRequestId: 'jsonrpc.request.id',
  rpcResponseStatusCode: 'rpc.response.status_code',
  toolName: 'gen_ai.tool.name',
  promptName: 'gen_ai.prompt.name',
  // general
  errorType: 'error.type',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  httpResponseStatusCode: 'http.response.status_code',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  networkTransport: 'network.transport',
  networkProtocolName: 'network.protocol.name',
  networkProtocolVersion: 'network.protocol.version',
  // head only
  requestReasoningLevel: 'gen_ai.request.reasoning.level',
  requestPreviousResponseId: 'gen_ai.request.previous_response.id',
  usageCacheWriteInputTokens: 'gen_ai.usage.cache_write.input_tokens',
  usageTextInputTokens: 'gen_ai.usage.text.input_tokens',
  usageImageInputTokens: 'gen_ai.usage.image.input_tokens',
  usageAudioInputTokens: 'gen_ai.usage.audio.input_tokens',
  usageTextOutputTokens: 'gen_ai.usage.text.output_tokens',
  usageImageOutputTokens: 'gen_ai.usage.image.output_tokens',
  usageAudioOutputTokens: 'gen_ai.usage.audio.output_tokens',
  tokenModality: 'gen_ai.token.modality',
  // OpenLIT's (its charts read it) and ours
  usageCost: 'gen_ai.usage.cost',
  usageTotalTokens: 'gen_ai.usage.total_tokens',
  /** `reported` (the provider said so) or `computed`. */
  costSource: 'openlit.cost.source',
  /** Name and version of the price data behind a computed cost. */
  costPriceData: 'openlit.cost.price_data',
  /** Why the record is not whole: values of `PartialReason`. */
  partial: 'openlit.partial',
} as const;

/** What was said: on a call only where it was asked for. Whatever leaves content out, hides it or looks for it reads this. */
export const SAID_ATTRIBUTES = [
  ATTRIBUTE.systemInstructions,
  ATTRIBUTE.inputMessages,
  ATTRIBUTE.outputMessages,
  ATTRIBUTE.toolDefinitions,
  ATTRIBUTE.toolCallArguments,
  ATTRIBUTE.toolCallResult,
] as const;

const DOUBLES: ReadonlySet<string> = new Set([
  ATTRIBUTE.requestTemperature,
  ATTRIBUTE.requestTopP,
  ATTRIBUTE.requestFrequencyPenalty,
  ATTRIBUTE.requestPresencePenalty,
  ATTRIBUTE.responseTimeToFirstChunk,
  ATTRIBUTE.usageCost,
]);
/** v1.41 has `top_k` as a double, the head as an integer. */
const DOUBLES_OF_V1_41: ReadonlySet<string> = new Set([...DOUBLES, ATTRIBUTE.requestTopK]);

/**
 * Attributes that are doubles under a schema. OTLP tells integers and doubles apart and JavaScript does not: a temperature
 * of 1 must leave as a double, or a typed store sees two types under one name.
 */
export function doubleAttributes(schemaUrl: string | undefined): ReadonlySet<string> {
  return schemaUrl === SCHEMA_URL.head ? DOUBLES : DOUBLES_OF_V1_41;
}

export const EVENT = {
  /** A call's details, content included when it was asked for. */
  details: 'gen_ai.client.inference.operation.details',
  /** A call that failed. */
  exception: 'gen_ai.client.operation.exception',
} as const;
