/**
 * One call -> its attributes, span name, kind and error. Pure, and the same for the hook inside a Node program, for
 * attach, for `decode` and for the comparison with the corpus.
 */

import type { Cost } from '../calls/cost.js';
import { ATTRIBUTE, type Generation } from '../calls/genai-attributes.js';
import type { Attributes, AttributeValue, SpanKind } from '../calls/model.js';
import type { Call, LlmCall, McpCall, McpSession, RequestFacts, Usage } from '../wire/llm-call.js';

export interface AttributeOptions {
  /** Default `v1.41`. */
  readonly generation?: Generation;
  /** Computed or reported cost; absent when unknown. */
  readonly cost?: Cost;
}

/** The conventions give Azure's AI services this one value. */
const AZURE_NAMESPACE = 'Microsoft.CognitiveServices';
const PROVIDERS_WITH_OPENAI_ATTRIBUTES: ReadonlySet<string> = new Set(['openai', 'azure.ai.openai']);

/** Flat attributes of a call without its content. A fact that was not on the wire has no key. */
export function callAttributes(call: Call, options: AttributeOptions = {}): Attributes {
  const attributes: Attributes = {};
  const set = (name: string, value: AttributeValue | undefined): void => {
    if (value !== undefined) attributes[name] = value;
  };
  if (call.kind === 'llm') setLlm(call, options, set);
  else setMcp(call, set);
  set(ATTRIBUTE.serverAddress, call.serverAddress);
  if (call.serverAddress !== undefined) set(ATTRIBUTE.serverPort, call.serverPort);
  set(ATTRIBUTE.httpResponseStatusCode, call.httpStatus);
  set(ATTRIBUTE.errorType, call.error?.type);
  if (call.partial.length > 0) set(ATTRIBUTE.partial, [...call.partial]);
  return attributes;
}

/** `chat gpt-5`, `tools/call weather`. A call whose operation the wire leaves open is named `inference`. */
export function spanName(call: Call): string {
  if (call.kind === 'mcp') return join(call.method, call.toolName ?? call.promptName);
  return join(call.operation ?? 'inference', call.request.model);
}

/** CLIENT where the observed process asked, SERVER where it answered. */
export function spanKind(call: Call): SpanKind {
  return call.role === 'server' ? 'server' : 'client';
}

/** Seconds from the request to the first chunk of a streamed answer. */
export function timeToFirstChunk(call: Call): number | undefined {
  return seconds(call.start, call.firstChunk);
}

/** Seconds from the request to its end. */
export function duration(call: Call): number | undefined {
  return seconds(call.start, call.end);
}

/** Clocks of two processors may disagree by microseconds; a negative time would be invented, so it is absent. */
export function seconds(from: bigint | undefined, to: bigint | undefined): number | undefined {
  if (from === undefined || to === undefined || to < from) return undefined;
  return Number(to - from) / 1e9;
}

type Set = (name: string, value: AttributeValue | undefined) => void;

function setLlm(call: LlmCall, options: AttributeOptions, set: Set): void {
  const head = options.generation === 'head';
  set(ATTRIBUTE.operationName, call.operation);
  set(ATTRIBUTE.providerName, call.provider);
  set(ATTRIBUTE.conversationId, call.conversationId);
  setRequest(call.request, head, set);
  set(ATTRIBUTE.responseId, call.response.id);
  set(ATTRIBUTE.responseModel, call.response.model);
  const reasons = call.response.finishReasons;
  if (reasons !== undefined && reasons.length > 0) set(ATTRIBUTE.responseFinishReasons, reasons);
  set(ATTRIBUTE.embeddingsDimensionCount, call.request.dimensions ?? call.response.embeddingDimensions);
  set(ATTRIBUTE.responseTimeToFirstChunk, timeToFirstChunk(call));
  setUsage(call.usage, head, set);
  const isOpenai = call.provider !== undefined && PROVIDERS_WITH_OPENAI_ATTRIBUTES.has(call.provider);
  if (isOpenai) {
    if (call.request.serviceTier !== 'auto') set(ATTRIBUTE.openaiRequestServiceTier, call.request.serviceTier);
    set(ATTRIBUTE.openaiResponseServiceTier, call.response.serviceTier);
    set(ATTRIBUTE.openaiResponseSystemFingerprint, call.response.systemFingerprint);
  }
  if (call.provider?.startsWith('azure.ai.')) set(ATTRIBUTE.azureResourceProviderNamespace, AZURE_NAMESPACE);
  for (const [name, value] of Object.entries(call.extra ?? {})) {
    // Others speak the same format, and their spans carry none of OpenAI's attributes.
    if (isOpenai || name !== ATTRIBUTE.openaiApiType) set(name, value);
  }
  if (options.cost?.currency === 'USD') {
    set(ATTRIBUTE.usageCost, options.cost.amount);
    set(ATTRIBUTE.costSource, options.cost.source);
    set(ATTRIBUTE.costPriceData, options.cost.priceData);
  }
}

function setRequest(request: RequestFacts, head: boolean, set: Set): void {
  set(ATTRIBUTE.requestModel, request.model);
  // The convention: only when true; unset means not streaming.
  if (request.stream === true) set(ATTRIBUTE.requestStream, true);
  set(ATTRIBUTE.requestTemperature, request.temperature);
  set(ATTRIBUTE.requestTopP, request.topP);
  set(ATTRIBUTE.requestTopK, request.topK);
  set(ATTRIBUTE.requestMaxTokens, request.maxTokens);
  set(ATTRIBUTE.requestFrequencyPenalty, request.frequencyPenalty);
  set(ATTRIBUTE.requestPresencePenalty, request.presencePenalty);
  set(ATTRIBUTE.requestSeed, request.seed);
  set(ATTRIBUTE.requestStopSequences, request.stopSequences);
  if (request.choiceCount !== 1) set(ATTRIBUTE.requestChoiceCount, request.choiceCount);
  set(ATTRIBUTE.requestEncodingFormats, request.encodingFormats);
  set(ATTRIBUTE.outputType, request.outputType);
  if (!head) return;
  set(ATTRIBUTE.requestReasoningLevel, request.reasoningLevel);
  set(ATTRIBUTE.requestPreviousResponseId, request.previousResponseId);
}

function setUsage(usage: Usage, head: boolean, set: Set): void {
  set(ATTRIBUTE.usageInputTokens, usage.inputTokens);
  set(ATTRIBUTE.usageOutputTokens, usage.outputTokens);
  set(ATTRIBUTE.usageCacheReadInputTokens, usage.cacheReadInputTokens);
  const cacheWrite = head ? ATTRIBUTE.usageCacheWriteInputTokens : ATTRIBUTE.usageCacheCreationInputTokens;
  set(cacheWrite, usage.cacheWriteInputTokens);
  set(ATTRIBUTE.usageReasoningOutputTokens, usage.reasoningOutputTokens);
  // OpenLIT's pages show this one; a half-known total would be wrong.
  if (usage.inputTokens !== undefined && usage.outputTokens !== undefined) {
    set(ATTRIBUTE.usageTotalTokens, usage.inputTokens + usage.outputTokens);
  }
  if (!head) return;
  set(ATTRIBUTE.usageTextInputTokens, usage.textInputTokens);
  set(ATTRIBUTE.usageImageInputTokens, usage.imageInputTokens);
  set(ATTRIBUTE.usageAudioInputTokens, usage.audioInputTokens);
  set(ATTRIBUTE.usageTextOutputTokens, usage.textOutputTokens);
  set(ATTRIBUTE.usageImageOutputTokens, usage.imageOutputTokens);
  set(ATTRIBUTE.usageAudioOutputTokens, usage.audioOutputTokens);
}

function setMcp(call: McpCall, set: Set): void {
  set(ATTRIBUTE.mcpMethodName, call.method);
  if (call.method === 'tools/call') set(ATTRIBUTE.operationName, 'execute_tool');
  set(ATTRIBUTE.toolName, call.toolName);
  set(ATTRIBUTE.promptName, call.promptName);
  set(ATTRIBUTE.mcpResourceUri, call.resourceUri);
  set(ATTRIBUTE.jsonrpcRequestId, call.requestId);
  set(ATTRIBUTE.mcpProtocolVersion, call.protocolVersion);
  set(ATTRIBUTE.mcpSessionId, call.sessionId);
  set(ATTRIBUTE.rpcResponseStatusCode, call.rpcStatusCode);
  setNetwork(call, set);
}

function setNetwork({ protocol }: Pick<McpCall, 'protocol'>, set: Set): void {
  set(ATTRIBUTE.networkTransport, 'tcp');
  set(ATTRIBUTE.networkProtocolName, protocol === 'websocket' ? 'websocket' : 'http');
  if (protocol !== 'websocket') set(ATTRIBUTE.networkProtocolVersion, protocol === 'h2' ? '2' : '1.1');
}

/** Of a session's measurement: without its id, which would make a series of each. */
export function sessionAttributes(session: McpSession): Attributes {
  const attributes: Attributes = {};
  const set = (name: string, value: AttributeValue | undefined): void => {
    if (value !== undefined) attributes[name] = value;
  };
  set(ATTRIBUTE.mcpProtocolVersion, session.protocolVersion);
  setNetwork(session, set);
  if (session.role === 'client' && session.serverAddress !== undefined) {
    set(ATTRIBUTE.serverAddress, session.serverAddress);
    set(ATTRIBUTE.serverPort, session.serverPort);
  }
  return attributes;
}

function join(first: string, second: string | undefined): string {
  return second === undefined || second === '' ? first : `${first} ${second}`;
}
