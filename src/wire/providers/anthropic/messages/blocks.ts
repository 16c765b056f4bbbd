/** Content blocks in the shape of the conventions' message schema. */
import type { Message, MessagePart } from '../../../llm-call.js';
import { type Fields, fields, items, text } from '../../json/fields.js';

export function messageInput(value: unknown): Message[] {
  return items(value).map(each => {
    const message = fields(each);
    const parts = blockParts(message.content);
    // A message of tool results is the tool speaking, though the API calls it the user.
    const isTool = parts.length > 0 && parts.every(part => part.type === 'tool_call_response');
    return { role: isTool ? 'tool' : (text(message.role) ?? 'user'), parts };
  });
}

export function messageTools(value: unknown): unknown[] {
  return items(value).map(each => {
    const { type, name, description, input_schema: parameters } = fields(each);
    return type === undefined || type === 'custom' ? { type: 'function', name, description, parameters } : each;
  });
}

/** A string, or blocks. */
export function blockParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', content }];
  return items(content).map(each => blockPart(fields(each)));
}

export function blockPart(block: Fields): MessagePart {
  switch (block.type) {
    case 'text':
      return { type: 'text', content: block.text ?? '' };
    case 'thinking':
      return { type: 'reasoning', content: block.thinking ?? '' };
    case 'tool_use':
      return { type: 'tool_call', id: block.id, name: text(block.name) ?? '', arguments: block.input };
    case 'tool_result':
      return { type: 'tool_call_response', id: block.tool_use_id, response: block.content };
    case 'image':
    case 'document':
      return mediaPart(block.type, fields(block.source));
    case 'server_tool_use':
    case 'mcp_tool_use':
      return { type: 'server_tool_call', id: block.id, name: text(block.name) ?? '', server_tool_call: block };
    default:
      if (String(block.type).endsWith('_tool_result')) {
        return { type: 'server_tool_call_response', id: block.tool_use_id, server_tool_call_response: block };
      }
      return { ...block, type: text(block.type) ?? 'generic' };
  }
}

function mediaPart(modality: string, source: Fields): MessagePart {
  if (source.type === 'base64')
    return { type: 'blob', modality, mime_type: source.media_type, content: source.data ?? '' };
  if (source.type === 'file') return { type: 'file', modality, file_id: source.file_id };
  if (source.type === 'text') return { type: 'text', content: source.data ?? '' };
  return { type: 'uri', modality, uri: source.url ?? '' };
}
