/** Items of the Responses API in the shape of the conventions' message schema. */
import type { Message, MessagePart } from '../../../llm-call.js';
import { type Fields, fields, items, parseJson, text } from '../../json/fields.js';
import { contentParts } from '../chat/messages.js';

/** The input: a text, or items of many types; items that are neither messages nor tool traffic keep their own form. */
export function responseItems(input: unknown): Message[] {
  if (typeof input === 'string') return [{ role: 'user', parts: contentParts(input) }];
  return items(input).map(each => {
    const item = fields(each);
    switch (item.type) {
      case undefined:
      case 'message':
        return { role: text(item.role) ?? 'user', parts: contentParts(item.content) };
      case 'function_call':
      case 'custom_tool_call':
        return { role: 'assistant', parts: [toolCallPart(item)] };
      case 'reasoning':
        return { role: 'assistant', parts: [{ type: 'reasoning', content: reasoningText(item) }] };
      case 'function_call_output':
      case 'custom_tool_call_output':
        return { role: 'tool', parts: [{ type: 'tool_call_response', id: item.call_id, response: item.output }] };
      default:
        return { role: text(item.role) ?? 'assistant', parts: [{ ...item, type: text(item.type) ?? 'generic' }] };
    }
  });
}

export function responseTools(tools: unknown): unknown[] {
  return items(tools).map(each => {
    const { type, name, description, parameters } = fields(each);
    return type === 'function' ? { type, name, description, parameters } : each;
  });
}

/** The visible summary, or the reasoning itself where a model gives it. */
export function reasoningText(item: Fields): string {
  const parts = items(item.content).length > 0 ? items(item.content) : items(item.summary);
  return parts.map(each => text(fields(each).text) ?? '').join('');
}

function toolCallPart(item: Fields): MessagePart {
  const source = item.arguments ?? item.input;
  return {
    type: 'tool_call',
    id: item.call_id,
    name: text(item.name) ?? '',
    arguments: typeof source === 'string' ? (parseJson(source) ?? source) : source,
  };
}
