/**
 * The messages of a call as a person reads them under its line: what is new in the request (a chat sends its whole
 * history each time), and what was answered. Takes the conventions' values, which are redacted and cut already.
 */
import { ATTRIBUTE } from '../calls/genai-attributes.js';
import { present, type ReportedCall } from './reported-call.js';

type Part = Readonly<Record<string, unknown>>;
interface Message {
  readonly role?: unknown;
  readonly parts: readonly Part[];
}

/** `values`: by the conventions' names, as structures or as the JSON texts that spans carry. Absent without content. */
export function messageTexts(values: Readonly<Record<string, unknown>>): ReportedCall['content'] {
  const history = messagesOf(values[ATTRIBUTE.inputMessages]);
  const answered = history.findLastIndex(({ role }) => role === 'assistant' || role === 'model');
  const instructions = answered < 0 ? partsOf(values[ATTRIBUTE.systemInstructions]) : [];
  const input = [
    ...(instructions.length > 0 ? [said('system', instructions)] : []),
    ...history.slice(answered + 1).map(({ role, parts }) => said(role === 'user' ? undefined : role, parts)),
  ];
  const output = messagesOf(values[ATTRIBUTE.outputMessages]).map(({ parts }) => said(undefined, parts));
  const content = present({ input: joined(input), output: joined(output) });
  return Object.keys(content).length === 0 ? undefined : content;
}

/** Names of the tools that an answer calls; `value` as in `messageTexts`. */
export function toolNames(value: unknown): unknown[] {
  const parts = messagesOf(value).flatMap(message => message.parts);
  return parts.filter(({ type }) => type === 'tool_call').map(({ name }) => name);
}

function joined(texts: readonly string[]): string | undefined {
  return texts.filter(Boolean).join('\n') || undefined;
}

function said(role: unknown, parts: readonly Part[]): string {
  const text = parts.map(partText).filter(Boolean).join('\n');
  return typeof role === 'string' && text !== '' ? `${role}: ${text}` : text;
}

/** A part that is no text is named by its type: pictures and sounds are not for a terminal. */
function partText({ type, content, name, arguments: args, response }: Part): string {
  if (type === 'tool_call') return `${name ?? ''}(${jsonText(args)})`;
  if (type === 'tool_call_response') return jsonText(response);
  if (typeof content === 'string') return type === 'reasoning' ? `[reasoning] ${content}` : content;
  return typeof type === 'string' ? `[${type}]` : '';
}

function jsonText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function messagesOf(value: unknown): Message[] {
  return listOf(value).map(item => ({ role: item['role'], parts: partsOf(item['parts']) }));
}

function partsOf(value: unknown): Part[] {
  return listOf(value);
}

/** Whatever a sender put there: only objects are kept. */
function listOf(value: unknown): Record<string, unknown>[] {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return Array.isArray(parsed) ? parsed.filter(item => typeof item === 'object' && item !== null) : [];
  } catch {
    return [];
  }
}
