/** The messages of a kept call as a chat. What has a form that is not known is shown as the JSON that it is. */
import { ATTRIBUTE } from '../../calls/genai-attributes.js';
import type { StoredLine } from '../../store/kept-lines.js';
import { isSpanLine } from '../../store/kept-lines.js';
import type { ChatMessage, Part, ToolDefinition } from '../api.js';
import { markdown } from './markdown.js';

type Fields = Readonly<Record<string, unknown>>;

export interface Conversation {
  readonly input: readonly ChatMessage[];
  readonly output: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
}

/** @param formatted texts also as HTML made of their Markdown */
export function conversationOf(line: StoredLine | undefined, formatted = true): Conversation {
  const attributes = line?.attributes ?? {};
  const read = (name: string) => listOf(attributes[name]);
  const system = read(ATTRIBUTE.systemInstructions).map(part => partOf(part, formatted));
  const output = read(ATTRIBUTE.outputMessages).map(message => messageOf(message, formatted));
  const input = read(ATTRIBUTE.inputMessages).map(message => messageOf(message, formatted));
  return {
    input: [
      ...(system.length > 0 ? [{ role: 'system', parts: system }] : []),
      ...(input.length > 0 ? input : toolInput(attributes)),
    ],
    output: output.length > 0 ? output : restOf(line, attributes, formatted),
    tools: read(ATTRIBUTE.toolDefinitions).map(toolOf),
  };
}

/** Messages of the request alone, for comparing. */
export const promptOf = (line: StoredLine | undefined): readonly ChatMessage[] => conversationOf(line, false).input;

/** What a part says, without its form. */
export function textOf(part: Part): string {
  return part.type === 'tool_call' ? `${part.name}(${part.text})` : part.text;
}

/** Of a step that is a tool. */
function toolInput(attributes: Fields): ChatMessage[] {
  const given = attributes[ATTRIBUTE.toolCallArguments];
  if (given === undefined) return [];
  const name = attributes[ATTRIBUTE.toolName];
  return [
    {
      role: 'assistant',
      parts: [{ type: 'tool_call', name: typeof name === 'string' ? name : '', text: pretty(given) }],
    },
  ];
}

/** Where there are no messages: the text that was put together, or what a tool gave. */
function restOf(line: StoredLine | undefined, attributes: Fields, formatted: boolean): ChatMessage[] {
  const result = attributes[ATTRIBUTE.toolCallResult];
  if (result !== undefined) return [{ role: 'tool', parts: [{ type: 'tool_result', text: pretty(result) }] }];
  if (line === undefined || isSpanLine(line)) return [];
  const { output_text: text, tool_calls: calls = [] } = line;
  const parts: Part[] = [
    ...(text ? [written('text', text, formatted)] : []),
    ...calls.map(([name, given]) => ({ type: 'tool_call' as const, name, text: pretty(given) })),
  ];
  return parts.length > 0 ? [{ role: 'assistant', parts }] : [];
}

function messageOf(message: Fields, formatted: boolean): ChatMessage {
  const { role, parts, content, finish_reason: finish } = message;
  const given = Array.isArray(parts) ? parts.map(fields) : content === undefined ? [] : [{ type: 'text', content }];
  return {
    role: typeof role === 'string' ? role : 'unknown',
    parts: given.map(part => partOf(part, formatted)),
    ...(typeof finish === 'string' && { finish }),
  };
}

function partOf(part: Fields, formatted: boolean): Part {
  const { type, content, id } = part;
  const named = typeof id === 'string' ? { id } : {};
  switch (type) {
    case 'text':
    case 'reasoning':
      return written(type, typeof content === 'string' ? content : pretty(content), formatted);
    case 'tool_call':
    case 'server_tool_call': {
      const name = typeof part['name'] === 'string' ? part['name'] : '';
      return { type: 'tool_call', name, text: pretty(part['arguments'] ?? part['server_tool_call']), ...named };
    }
    case 'tool_call_response':
    case 'server_tool_call_response':
      return {
        type: 'tool_result',
        text: pretty(part['response'] ?? part['result'] ?? part['server_tool_call_response']),
        ...named,
      };
    default:
      return isImage(part) ? imageOf(part) : { type: 'other', text: pretty(part) };
  }
}

const written = (type: 'text' | 'reasoning', text: string, formatted: boolean): Part => {
  const html = formatted ? markdown(text) : undefined;
  return { type, text, ...(html !== undefined && { html }) };
};

const isImage = ({ type, modality, mime_type: mime }: Fields) =>
  (type === 'blob' || type === 'uri' || type === 'file') &&
  (modality === 'image' || String(mime ?? '').startsWith('image/'));

/** Forms that a browser shows and that hold no script. */
const PICTURE = /^image\/(png|jpe?g|gif|webp|avif)$/;

/** Only what was in the call is shown: an address would tell its owner that somebody looks. */
function imageOf({ type, mime_type: mime, content, uri, file_id: file }: Fields): Part {
  const address = String(uri ?? file ?? '');
  if (type !== 'blob') return { type: 'image', text: address };
  const body = typeof content === 'string' ? content.replace(/\s/g, '') : '';
  const text = `${mime ?? 'image'}, ${Math.ceil((body.length * 3) / 4)} bytes`;
  const whole = PICTURE.test(String(mime)) && /^[A-Za-z0-9+/_-]+=*$/.test(body);
  if (!whole) return { type: 'image', text: `${text}, not whole` };
  const base64 = body.replaceAll('-', '+').replaceAll('_', '/');
  return { type: 'image', text, source: `data:${mime};base64,${base64}` };
}

function toolOf(tool: Fields): ToolDefinition {
  const inner = fields(tool['function'] ?? tool);
  const { name, description } = inner;
  return {
    name: typeof name === 'string' ? name : String(tool['type'] ?? 'tool'),
    ...(typeof description === 'string' && { description }),
    text: pretty(inner['parameters'] ?? inner['input_schema'] ?? tool),
  };
}

function listOf(value: unknown): Fields[] {
  const parsed = typeof value === 'string' ? parse(value) : value;
  return Array.isArray(parsed) ? parsed.map(fields) : [];
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : { type: 'text', content: value };

/** JSON with its lines, texts as they are; a text that is JSON is JSON. */
function pretty(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  const parsed = /^\s*[[{]/.test(value) ? parse(value) : undefined;
  return parsed === undefined ? value : JSON.stringify(parsed, null, 2);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
