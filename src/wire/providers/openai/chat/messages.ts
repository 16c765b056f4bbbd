/** Chat messages in the shape of the conventions' input message schema. */
import type { Message, MessagePart } from '../../../llm-call.js';
import { type Fields, fields, items, parseJson, text } from '../../json/fields.js';

export function chatMessages(value: unknown): Message[] {
  return items(value).map(each => {
    const message = fields(each);
    const role = text(message.role) ?? 'user';
    const content = contentParts(message.content);
    const parts =
      role === 'tool' || role === 'function'
        ? [toolResponse(message)]
        : [...reasoningParts(message), ...content, ...refusalParts(message), ...toolCallParts(message)];
    const name = text(message.name);
    return name === undefined ? { role, parts } : { role, parts, name };
  });
}

export function chatTools(body: Fields): unknown[] {
  const tools = items(body.tools).map(each => {
    const tool = fields(each);
    const { name, description, parameters } = fields(tool.function ?? tool.custom);
    return name === undefined ? tool : { type: tool.type ?? 'function', name, description, parameters };
  });
  return [...tools, ...items(body.functions).map(each => ({ type: 'function', ...fields(each) }))];
}

/** A string, or an array of typed parts. */
export function contentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', content }];
  return items(content).map(each => {
    const part = fields(each);
    switch (part.type) {
      case 'text':
      case 'input_text':
      case 'output_text':
        return { type: 'text', content: part.text ?? '' };
      case 'refusal':
        return { type: 'text', content: part.refusal ?? '' };
      case 'thinking':
        return { type: 'reasoning', content: thinkingText(part.thinking) };
      case 'image_url':
        return uriOrBlob('image', text(part.image_url) ?? text(fields(part.image_url).url));
      case 'input_image':
        return text(part.file_id) === undefined
          ? uriOrBlob('image', text(part.image_url))
          : { type: 'file', modality: 'image', file_id: part.file_id };
      case 'input_audio': {
        const audio = fields(part.input_audio);
        return { type: 'blob', modality: 'audio', mime_type: `audio/${audio.format}`, content: audio.data ?? '' };
      }
      default:
        return { ...part, type: text(part.type) ?? 'generic' };
    }
  });
}

/** A `data:` address is a blob, any other an address. */
export function uriOrBlob(modality: string, url: string | undefined): MessagePart {
  const head = url?.slice(0, 128).match(/^data:([^;,]*);base64,/);
  if (head === null || head === undefined) return { type: 'uri', modality, uri: url ?? '' };
  return { type: 'blob', modality, mime_type: head[1], content: url!.slice(head[0].length) };
}

/** Mistral's thinking is a list of text chunks; elsewhere it is a string. */
export function thinkingText(value: unknown): string {
  if (typeof value === 'string') return value;
  return items(value)
    .map(each => text(fields(each).text) ?? '')
    .join('');
}

function reasoningParts(message: Fields): MessagePart[] {
  const reasoning = text(message.reasoning_content) ?? text(message.reasoning);
  return reasoning === undefined ? [] : [{ type: 'reasoning', content: reasoning }];
}

function refusalParts(message: Fields): MessagePart[] {
  const refusal = text(message.refusal);
  return refusal === undefined ? [] : [{ type: 'text', content: refusal }];
}

function toolCallParts(message: Fields): MessagePart[] {
  const legacy =
    message.function_call === undefined || message.function_call === null ? [] : [{ function: message.function_call }];
  return [...items(message.tool_calls), ...legacy].map(each => {
    const call = fields(each);
    const target = fields(call.function ?? call.custom);
    const source = target.arguments ?? target.input;
    const part = {
      type: 'tool_call',
      name: text(target.name) ?? '',
      arguments: typeof source === 'string' ? (parseJson(source) ?? source) : source,
    };
    return text(call.id) === undefined ? part : { ...part, id: call.id };
  });
}

function toolResponse(message: Fields): MessagePart {
  const part = { type: 'tool_call_response', response: message.content };
  return text(message.tool_call_id) === undefined ? part : { ...part, id: message.tool_call_id };
}
