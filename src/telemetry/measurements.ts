/** One call -> what it adds to which metric. Unknown values add nothing. */

import type { Cost } from '../calls/cost.js';
import { ATTRIBUTE, type Generation } from '../calls/genai-attributes.js';
import type { Attributes, AttributeValue } from '../calls/model.js';
import type { LlmCall, McpCall, McpSession } from '../wire/llm-call.js';
import { duration, seconds, sessionAttributes, timeToFirstChunk } from './attributes.js';
import { INSTRUMENT, type Instrument } from './instruments.js';

export interface Measurement {
  readonly instrument: Instrument;
  readonly value: number;
  /** What the measurements of one call share; the same object, so that it is told apart only once. */
  readonly attributes: Readonly<Attributes>;
  /** Of this one alone: none of these names is in `attributes`. */
  readonly further?: Readonly<Attributes>;
}

const LLM_DIMENSIONS = [
  ATTRIBUTE.operationName,
  ATTRIBUTE.providerName,
  ATTRIBUTE.requestModel,
  ATTRIBUTE.responseModel,
  ATTRIBUTE.serverAddress,
  ATTRIBUTE.serverPort,
  ATTRIBUTE.openaiResponseServiceTier,
] as const;

/** Without session, request and resource identifiers: each would make a series of its own. */
const MCP_DIMENSIONS = [
  ATTRIBUTE.mcpMethodName,
  ATTRIBUTE.errorType,
  ATTRIBUTE.toolName,
  ATTRIBUTE.promptName,
  ATTRIBUTE.operationName,
  ATTRIBUTE.mcpProtocolVersion,
  ATTRIBUTE.rpcResponseStatusCode,
  ATTRIBUTE.serverAddress,
  ATTRIBUTE.serverPort,
  ATTRIBUTE.networkTransport,
  ATTRIBUTE.networkProtocolName,
  ATTRIBUTE.networkProtocolVersion,
] as const;

/** `attributes` are the span's; a subset of them becomes the dimensions. */
export function llmMeasurements(
  call: LlmCall,
  attributes: Readonly<Attributes>,
  generation: Generation,
  cost: Cost | undefined,
): Measurement[] {
  const found: Measurement[] = [];
  const base = pick(attributes, LLM_DIMENSIONS);
  const add: Add = (instrument, value, further) => {
    if (value === undefined) return;
    found.push(
      further === undefined
        ? { instrument, value, attributes: base }
        : { instrument, value, attributes: base, further },
    );
  };
  if (call.role === 'server') addServer(call, add);
  else if (generation === 'head') addHeadClient(call, add);
  else addClient(call, add);
  if (cost?.currency === 'USD') add(INSTRUMENT.cost, cost.amount);
  return found;
}

export function mcpMeasurements(call: McpCall, attributes: Readonly<Attributes>): Measurement[] {
  const value = duration(call);
  if (value === undefined) return [];
  const instrument = call.role === 'server' ? INSTRUMENT.mcpServerDuration : INSTRUMENT.mcpClientDuration;
  return [{ instrument, value, attributes: pick(attributes, MCP_DIMENSIONS) }];
}

export function sessionMeasurements(session: McpSession): Measurement[] {
  const value = seconds(session.start, session.end);
  if (value === undefined) return [];
  const instrument = session.role === 'server' ? INSTRUMENT.mcpServerSession : INSTRUMENT.mcpClientSession;
  return [{ instrument, value, attributes: sessionAttributes(session) }];
}

type Add = (instrument: Instrument, value: number | undefined, further?: Attributes) => void;

const INPUT: Attributes = { [ATTRIBUTE.tokenType]: 'input' };
const OUTPUT: Attributes = { [ATTRIBUTE.tokenType]: 'output' };

function addClient(call: LlmCall, add: Add): void {
  add(INSTRUMENT.operationDuration, duration(call), errorOf(call));
  for (const { usage } of call.batched ?? [call]) {
    add(INSTRUMENT.tokenUsage, usage.inputTokens, INPUT);
    add(INSTRUMENT.tokenUsage, usage.outputTokens, OUTPUT);
  }
  addChunks(call, add, INSTRUMENT.timeToFirstChunk, INSTRUMENT.timePerOutputChunk);
}

function addHeadClient(call: LlmCall, add: Add): void {
  if (call.operation === 'embeddings') {
    add(INSTRUMENT.operationDuration, duration(call), errorOf(call));
    add(INSTRUMENT.inferenceInputTokens, call.usage.inputTokens, errorOf(call));
    return;
  }
  const { usage } = call;
  add(INSTRUMENT.inferenceDuration, duration(call), errorOf(call));
  addChunks(call, add, INSTRUMENT.inferenceTimeToFirstChunk, INSTRUMENT.inferenceTimePerOutputChunk);
  addModalities(add, INSTRUMENT.usageInput, usage.inputTokens, {
    text: usage.textInputTokens,
    image: usage.imageInputTokens,
    audio: usage.audioInputTokens,
  });
  addModalities(add, INSTRUMENT.usageOutput, usage.outputTokens, {
    text: usage.textOutputTokens,
    image: usage.imageOutputTokens,
    audio: usage.audioOutputTokens,
  });
  const unknown = { [ATTRIBUTE.tokenModality]: 'unknown' };
  add(INSTRUMENT.usageCacheRead, usage.cacheReadInputTokens, unknown);
  add(INSTRUMENT.usageCacheWrite, usage.cacheWriteInputTokens, unknown);
  add(INSTRUMENT.usageReasoning, usage.reasoningOutputTokens, unknown);
  for (const each of call.batched ?? [call]) {
    add(INSTRUMENT.inferenceInputTokens, each.usage.inputTokens, errorOf(call));
    add(INSTRUMENT.inferenceOutputTokens, each.usage.outputTokens, errorOf(call));
  }
}

/** What no modality accounts for is `unknown`; the head wants 0 there when no usage came at all. */
function addModalities(
  add: Add,
  instrument: Instrument,
  total: number | undefined,
  parts: Readonly<Record<string, number | undefined>>,
): void {
  let rest = total ?? 0;
  for (const [modality, count] of Object.entries(parts)) {
    if (count === undefined || count <= 0 || count > rest) continue;
    add(instrument, count, { [ATTRIBUTE.tokenModality]: modality });
    rest -= count;
  }
  if (rest > 0 || total === undefined) add(instrument, rest, { [ATTRIBUTE.tokenModality]: 'unknown' });
}

function addServer(call: LlmCall, add: Add): void {
  add(INSTRUMENT.serverRequestDuration, duration(call), errorOf(call));
  if (call.error !== undefined || call.request.stream !== true) return;
  add(INSTRUMENT.serverTimeToFirstToken, timeToFirstChunk(call));
  const rest = seconds(call.firstChunk, call.end);
  const tokens = call.usage.outputTokens;
  if (rest !== undefined && tokens !== undefined && tokens > 1) {
    add(INSTRUMENT.serverTimePerOutputToken, rest / (tokens - 1));
  }
}

function addChunks(call: LlmCall, add: Add, first: Instrument, each: Instrument): void {
  add(first, timeToFirstChunk(call));
  let before = call.firstChunk;
  for (const time of call.chunkTimes ?? []) {
    add(each, seconds(before, time));
    before = time;
  }
}

function errorOf(call: LlmCall): Attributes | undefined {
  return call.error === undefined ? undefined : { [ATTRIBUTE.errorType]: call.error.type };
}

function pick(attributes: Readonly<Attributes>, names: readonly string[]): Attributes {
  const picked: Attributes = {};
  for (const name of names) {
    const value: AttributeValue | undefined = attributes[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
