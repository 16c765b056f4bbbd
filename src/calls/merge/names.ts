/** What a span's name, operation and model say: whether it stands for a call of a model, and of which. */
import { ATTRIBUTE } from '../genai-attributes.js';
import type { EndedSpan } from './events.js';

/** Operations of which one request is one call (`gen_ai.operation.name`). */
const CALL_OPERATIONS: ReadonlySet<string> = new Set(['chat', 'text_completion', 'embeddings', 'generate_content']);

/** First words of names that never stand for a call, so that nothing waits for the end of such a span. */
const STEP_OPERATIONS: ReadonlySet<string> = new Set([
  'create_agent',
  'execute_task',
  'execute_tool',
  'invoke_agent',
  'invoke_workflow',
  'memory',
  'model_request',
  'retrieval',
]);

export interface ChatFacts {
  readonly operation: string;
  readonly model: string;
}

/** Undefined for a span that is a step: without a model it is no call, whatever its operation says. */
export function chatFacts(span: EndedSpan): ChatFacts | undefined {
  const operation = span.attributes[ATTRIBUTE.operationName];
  const model = modelName(span.attributes[ATTRIBUTE.requestModel]);
  if (typeof operation !== 'string' || !CALL_OPERATIONS.has(operation) || model === undefined) return undefined;
  return { operation, model };
}

/** A name that a person would know the model by: frameworks write `unknown`, or an object as Python prints it. */
export function modelName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.trim();
  return name === '' || name.toLowerCase() === 'unknown' || /^<.* object at 0x[0-9a-f]+>$/i.test(name)
    ? undefined
    : name;
}

/** Routers put their provider in front: `openai/gpt-4o-mini` is `gpt-4o-mini` on the wire, which may also name none. */
export function sameModel(ofSpan: string, onWire: string | undefined): boolean {
  return onWire === undefined || lastPart(ofSpan) === lastPart(onWire);
}

function lastPart(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

const firstWord = (name: string): string => name.split(' ', 1)[0] as string;

/** By its name alone, while it is open. */
export function looksLikeStep(name: string): boolean {
  return STEP_OPERATIONS.has(firstWord(name));
}

/** By its name alone, while it is open. */
export function looksLikeChat(name: string): boolean {
  return CALL_OPERATIONS.has(firstWord(name));
}

/** Embeddings stand for embeddings: a cache that embeds inside a chat's span is not the chat. */
export function isEmbeddings(operation: string | undefined): boolean {
  return operation === 'embeddings';
}

const IN_PROCESS = /(?:^|[.\s])(?:transformers|gpt4all|vllm)$/i;

/** The model runs in the program: nothing is on the wire, and the SDK's span is the call. */
export function isInProcess({ scope }: EndedSpan): boolean {
  return IN_PROCESS.test(scope?.name ?? '');
}
