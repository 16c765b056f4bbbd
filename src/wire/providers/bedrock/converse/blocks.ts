/** Converse's content blocks (objects with one key) in the shape of the conventions' message schema. */
import type { Message, MessagePart } from '../../../llm-call.js';
import { type Fields, fields, items, text } from '../../json/fields.js';

export function converseMessages(value: unknown): Message[] {
  return items(value).map(each => {
    const message = fields(each);
    const parts = blockParts(message.content);
    const isTool = parts.length > 0 && parts.every(part => part.type === 'tool_call_response');
    return { role: isTool ? 'tool' : (text(message.role) ?? 'user'), parts };
  });
}

export function blockParts(value: unknown): MessagePart[] {
  if (typeof value === 'string') return [{ type: 'text', content: value }];
  return items(value).map(each => blockPart(fields(each)));
}

export function blockPart(block: Fields): MessagePart {
  if (typeof block.text === 'string') return { type: 'text', content: block.text };
  const reasoning = text(fields(fields(block.reasoningContent).reasoningText).text);
  if (reasoning !== undefined) return { type: 'reasoning', content: reasoning };
  if (block.toolUse !== undefined) {
    const { toolUseId, name, input } = fields(block.toolUse);
    return { type: 'tool_call', id: toolUseId, name: text(name) ?? '', arguments: input };
  }
  if (block.toolResult !== undefined) {
    const { toolUseId, content } = fields(block.toolResult);
    return { type: 'tool_call_response', id: toolUseId, response: content };
  }
  for (const modality of ['image', 'document', 'video', 'audio']) {
    if (block[modality] === undefined) continue;
    const media = fields(block[modality]);
    const bytes = fields(media.source).bytes;
    return { type: 'blob', modality, mime_type: `${modality}/${media.format}`, content: bytes ?? '' };
  }
  return { ...block, type: Object.keys(block)[0] ?? 'generic' };
}
