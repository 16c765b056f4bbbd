/**
 * What of an SDK's span may leave. Frameworks put prompts, goals and documents into attributes of any name, with capture
 * off too, so this is a list of what is known to be none of that; everything else stays here and is counted.
 */
import { type ContentPolicy, cutText } from '../content.js';
import { ATTRIBUTE, SAID_ATTRIBUTES } from '../genai-attributes.js';
import type { AnyValue, Attributes, AttributeValue } from '../model.js';
import type { Redactor } from '../redact.js';
import { redactValue } from '../redact-value.js';

const below = (prefix: string, names: string): string[] => names.split(' ').map(name => `${prefix}.${name}`);

/** Who and where: they go to the call that takes the span's place as well. */
const NAMING: ReadonlySet<string> = new Set([
  ...below('gen_ai.agent', 'id name version type'),
  ...below('gen_ai.workflow', 'name type'),
  'gen_ai.conversation.id',
  'gen_ai.data_source.id',
  'gen_ai.session.id',
  'session.id',
]);

/** Names, ids, counts and kinds. Models, tokens and cost are not here: a step repeats the sums of its calls. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...NAMING,
  ATTRIBUTE.operationName,
  ATTRIBUTE.providerName,
  ATTRIBUTE.errorType,
  ATTRIBUTE.serverAddress,
  ATTRIBUTE.serverPort,
  ATTRIBUTE.mcpMethodName,
  ATTRIBUTE.mcpProtocolVersion,
  ATTRIBUTE.mcpSessionId,
  ATTRIBUTE.embeddingsDimensionCount,
  ATTRIBUTE.outputType,
  ATTRIBUTE.promptName,
  ...below('gen_ai.tool', 'name type call.id'),
  ...below('gen_ai.task', 'id name type'),
  ...below('gen_ai.team', 'name agent_count'),
  ...below('gen_ai.workflow', 'agent_count task_count execution_type'),
  ...below('gen_ai.execution', 'id mode status'),
  ...below('gen_ai.graph', 'status edge_count node_count node_execution_count message_count nodes executed_nodes'),
  ...below('gen_ai.retrieval', 'document_count source'),
  ...below('gen_ai.memory', 'operation type count results_count search.limit search.results_count'),
  ...below('gen_ai.knowledge', 'add.document_count search.limit search.results_count'),
  ...below('gen_ai.framework', 'component.name component.type documents.count nodes.count retrieval.count index.name'),
  'gen_ai.data_source.type',
  'gen_ai.run.id',
  'gen_ai.stream.mode',
  ...below('haystack.component', 'name type'),
  ...below('event_loop', 'cycle_id parent_cycle_id'),
  ...below('gen_ai.smolagents', 'step_number max_steps'),
  'agent_name',
  'gcp.vertex.agent.event_id',
  'gen_ai.agent.call.id',
  'gen_ai.crewai.crew.task_count',
  'gen_ai.memory.operation.result_count',
  'gen_ai.tool.status',
  'guardrail.triggered',
  'jsonrpc.request.id',
  'langgraph.node',
  'langgraph.step',
  ...below('db', 'system.name operation.name collection.name namespace index.name limit offset n_results'),
  ...below('db', 'documents_count ids_count vector.count response.returned_rows response.status_code'),
  ...below('db', 'vector.query.top_k collection.dimension index.dimension search.similarity_metric'),
  ...below('mcp', 'tool.name prompt.name server.name'),
]);

/** What was said: only where it was asked for. */
const CONTENT: ReadonlySet<string> = new Set([
  ...SAID_ATTRIBUTES,
  ATTRIBUTE.exceptionMessage,
  ATTRIBUTE.mcpResourceUri,
  ...below('gen_ai.content', 'prompt completion reasoning'),
  ...below('gen_ai.tool', 'description input output args parameters result'),
  ...below('gen_ai.agent', 'description goal role instructions task expected_output actual_output'),
  ...below('gen_ai.task', 'description expected_output'),
  ...below('gen_ai.workflow', 'description input output'),
  ...below('gen_ai.execution', 'input output'),
  ...below('gen_ai.retrieval', 'query query.text documents'),
  ...below('gen_ai.memory', 'input search.query'),
  ...below('gen_ai.framework', 'query.text'),
  ...below('gen_ai.knowledge', 'search.query'),
  ...below('db', 'query.text query.summary statement'),
  ...below('mcp', 'tool.arguments tool.result'),
]);

/** Characters of a name or an id; what is longer is a text that somebody put there. */
const LONGEST_NAME = 256;
/** Entries of a list of names. */
const LONGEST_LIST = 128;

export interface AllowedAttributes {
  readonly attributes: Attributes;
  /** How many stayed here. */
  readonly dropped: number;
}

/** Redacted, and cut: names short, content to the policy's length. */
export function allowedAttributes(
  attributes: Readonly<Record<string, unknown>>,
  policy: ContentPolicy,
): AllowedAttributes {
  const allowed: Attributes = {};
  let dropped = 0;
  const withContent = policy.capture === 'span' || policy.capture === 'both';
  for (const [name, value] of Object.entries(attributes)) {
    const kept = ALLOWED.has(name)
      ? nameValue(value, policy.redact)
      : withContent && CONTENT.has(name)
        ? contentValue(value, policy)
        : undefined;
    if (kept === undefined) dropped += 1;
    else allowed[name] = kept;
  }
  return { attributes: allowed, dropped };
}

/** Agent, conversation, workflow: what a call takes over from the span that stands for it. */
export function namingAttributes(attributes: Readonly<Record<string, unknown>>, redact: Redactor): Attributes {
  const naming: Attributes = {};
  for (const name of NAMING) {
    const value = nameValue(attributes[name], redact);
    if (value !== undefined) naming[name] = value;
  }
  return naming;
}

/** A name of a span, or an `error.type`: short, and without credentials. */
export function shortText(text: string, redact: Redactor): string {
  return cutText(redact(text), LONGEST_NAME);
}

function nameValue(value: unknown, redact: Redactor): AttributeValue | undefined {
  if (typeof value === 'string') return value === '' ? undefined : shortText(value, redact);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const texts = value.slice(0, LONGEST_LIST);
  return texts.every(text => typeof text === 'string') ? texts.map(text => shortText(text, redact)) : undefined;
}

/** JSON texts are opened, since a field's name may say that its value is a secret; other texts are redacted as they are. */
function contentValue(value: unknown, { redact, maxLength }: ContentPolicy): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const parsed = typeof value === 'string' ? parseJson(value) : (value as AnyValue);
  const text = parsed === undefined ? redact(value as string) : JSON.stringify(redactValue(parsed, redact));
  return cutText(text, maxLength);
}

function parseJson(text: string): AnyValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as AnyValue;
  } catch {
    return undefined;
  }
}
