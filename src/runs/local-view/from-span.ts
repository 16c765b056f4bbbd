/** An OTLP span that tells of an LLM or MCP call -> what a person is told. Spans of anything else are nobody's here. */

import { ATTRIBUTE } from '../../calls/genai-attributes.js';
import type { FlatSpan } from '../../receive/values.js';
import { messageTexts, toolNames } from '../../report/messages.js';
import { present, type ReportedCall } from '../../report/reported-call.js';

/**
 * Values of `gen_ai.operation.name` that are one request to a model. Agents, workflows, tools and retrievals hold such
 * calls or stand beside them: their tokens would be counted twice.
 */
const MODEL_OPERATIONS: ReadonlySet<string> = new Set([
  'chat',
  'text_completion',
  'embeddings',
  'generate_content',
  'image_generation',
  'speech',
  'transcription',
  'rerank',
  'realtime',
  // OpenLIT's Python SDK
  'image',
  'audio',
]);

type Attributes = FlatSpan['attributes'];

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Negative counts are how some senders say "unknown". */
function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : []).filter((item): item is string => typeof item === 'string' && item !== '');
}

/** Whether a span is one request to a model or an MCP server. */
export function isCallSpan({ attributes }: FlatSpan): boolean {
  if (text(attributes[ATTRIBUTE.mcpMethodName])) return true;
  const operation = text(attributes[ATTRIBUTE.operationName]);
  if (operation !== undefined) return MODEL_OPERATIONS.has(operation);
  return Boolean(text(attributes[ATTRIBUTE.requestModel]) && text(attributes[ATTRIBUTE.providerName]));
}

/** `/usr/bin/python3.11` -> `python3.11`; the name of the service where the sender says nothing of its process. */
function processName(resource: Attributes): string | undefined {
  const name = text(resource['process.executable.name']) ?? text(resource['process.executable.path']);
  return name?.split('/').at(-1) ?? text(resource['service.name']);
}

/** Undefined when the span is no call. */
export function reportedFromSpan(span: FlatSpan): ReportedCall | undefined {
  if (!isCallSpan(span)) return undefined;
  const { attributes, resource } = span;
  const method = text(attributes[ATTRIBUTE.mcpMethodName]);
  const target = text(attributes[ATTRIBUTE.toolName]) ?? text(attributes[ATTRIBUTE.promptName]);
  const cost = amount(attributes[ATTRIBUTE.usageCost]);
  const failed = span.status.code === 2 ? 'error' : undefined;
  return {
    id: span.spanId,
    kind: method ? 'mcp' : 'llm',
    start: span.start,
    finishReasons: texts(attributes[ATTRIBUTE.responseFinishReasons]),
    toolNames: method ? [] : texts(toolNames(attributes[ATTRIBUTE.outputMessages])),
    partial: texts(attributes[ATTRIBUTE.partial]),
    ...present({
      duration: span.end > span.start ? Number(span.end - span.start) / 1e9 : undefined,
      firstChunk: amount(attributes[ATTRIBUTE.responseTimeToFirstChunk]),
      pid: amount(resource['process.pid']),
      process: processName(resource),
      provider: method
        ? 'mcp'
        : (text(attributes[ATTRIBUTE.providerName]) ?? text(attributes[ATTRIBUTE.serverAddress])),
      model: method
        ? [method, target].filter(Boolean).join(' ')
        : (text(attributes[ATTRIBUTE.requestModel]) ?? text(attributes[ATTRIBUTE.responseModel])),
      operation: text(attributes[ATTRIBUTE.operationName]),
      inputTokens: amount(attributes[ATTRIBUTE.usageInputTokens]),
      outputTokens: amount(attributes[ATTRIBUTE.usageOutputTokens]),
      cacheReadTokens: amount(attributes[ATTRIBUTE.usageCacheReadInputTokens]),
      reasoningTokens: amount(attributes[ATTRIBUTE.usageReasoningOutputTokens]),
      cost: cost === undefined ? undefined : { amount: cost, currency: 'USD' },
      error: text(attributes[ATTRIBUTE.errorType]) ?? failed,
      content: messageTexts(attributes),
    }),
  };
}
