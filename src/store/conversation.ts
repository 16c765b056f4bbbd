/** The messages of a kept call as structures. They were kept as JSON texts, redacted and cut. */
import { ATTRIBUTE } from '../calls/genai-attributes.js';
import type { StoredLine } from './kept-lines.js';

export type Part = { readonly type?: unknown } & Readonly<Record<string, unknown>>;

export interface KeptMessage {
  readonly role: string;
  readonly parts: readonly Part[];
  readonly finishReason?: string;
}

export interface Conversation {
  readonly system: readonly Part[];
  readonly input: readonly KeptMessage[];
  readonly output: readonly KeptMessage[];
  /** Definitions of the tools that the model was offered, as they were sent. */
  readonly tools: readonly Readonly<Record<string, unknown>>[];
}

/** Whatever a program put there: only what has the form of the conventions is taken. */
export function conversationOf({ attributes }: StoredLine): Conversation {
  const list = (name: string) => objectsOf(attributes?.[name]);
  return {
    system: list(ATTRIBUTE.systemInstructions),
    input: list(ATTRIBUTE.inputMessages).map(item => messageOf(item, 'user')),
    output: list(ATTRIBUTE.outputMessages).map(item => messageOf(item, 'assistant')),
    tools: list(ATTRIBUTE.toolDefinitions),
  };
}

function messageOf(item: Readonly<Record<string, unknown>>, otherwise: string): KeptMessage {
  const { role, parts, finish_reason: finishReason } = item;
  return {
    role: typeof role === 'string' ? role : otherwise,
    parts: objectsOf(parts),
    ...(typeof finishReason === 'string' ? { finishReason } : {}),
  };
}

function objectsOf(value: unknown): Record<string, unknown>[] {
  let list = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      return [];
    }
  }
  return Array.isArray(list) ? list.filter(item => typeof item === 'object' && item !== null) : [];
}

/** One part as text: what was said, a tool's name and arguments, its result; of anything else its type and where it is. */
export function partText({ type, content, name, arguments: args, response, ...rest }: Part): string {
  switch (type) {
    case 'tool_call':
      return `${typeof name === 'string' ? name : ''}(${jsonText(args)})`;
    case 'tool_call_response':
      return jsonText(response ?? rest['result']);
    case 'blob':
    case 'uri':
    case 'file':
      return mediaText(type, rest, content);
    default:
      if (typeof content === 'string') return content;
      return typeof type === 'string' ? `[${type}]` : '';
  }
}

function mediaText(
  type: string,
  { modality, mime_type: mime, uri, file_id: file }: Readonly<Record<string, unknown>>,
  content: unknown,
): string {
  const what = [mime ?? modality ?? type, uri ?? file].filter(word => typeof word === 'string' && word !== '');
  if (typeof content === 'string' && content !== '') what.push(`${content.length} characters`);
  return `[${what.join(', ')}]`;
}

/** Arguments as they were written, where they are text. */
export function jsonText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Name of a tool that was offered, whatever form its provider gives it. */
export function toolNameOf(definition: Readonly<Record<string, unknown>>): string {
  const { name, type, function: inner } = definition;
  const innerName = typeof inner === 'object' && inner !== null ? (inner as { name?: unknown }).name : undefined;
  return ([name, innerName, type].find(word => typeof word === 'string') as string | undefined) ?? '?';
}
