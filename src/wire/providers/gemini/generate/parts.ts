/** Gemini's parts in the shape of the conventions' message schema. */
import type { Message, MessagePart } from '../../../llm-call.js';
import { type Fields, fields, isFields, items, text } from '../../json/fields.js';
import { member } from '../names.js';

export function contentMessages(value: unknown): Message[] {
  const contents = isFields(value) ? [value] : items(value);
  return contents.map(each => {
    const parts = contentParts(each);
    const isTool = parts.length > 0 && parts.every(part => part.type === 'tool_call_response');
    const role = text(fields(each).role) ?? 'user';
    return { role: isTool ? 'tool' : role === 'model' ? 'assistant' : role, parts };
  });
}

/** The parts of a content object; a bare string is one too. */
export function contentParts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return [{ type: 'text', content }];
  const parts = fields(content).parts;
  return (isFields(parts) ? [parts] : items(parts)).map(each => contentPart(fields(each)));
}

export function functionTools(tools: unknown): unknown[] {
  return items(tools).flatMap((each): unknown[] => {
    const declared = items(member(fields(each), 'functionDeclarations'));
    if (declared.length === 0) return Object.keys(fields(each)).map(type => ({ type, name: type }));
    return declared.map(declaration => {
      const { name, description, parameters } = fields(declaration);
      return { type: 'function', name, description, parameters };
    });
  });
}

export function contentPart(part: Fields): MessagePart {
  if (typeof part.text === 'string') return { type: part.thought === true ? 'reasoning' : 'text', content: part.text };
  const call = member(part, 'functionCall');
  if (isFields(call)) {
    const named = { type: 'tool_call', name: text(call.name) ?? '', arguments: call.args ?? {} };
    return text(call.id) === undefined ? named : { ...named, id: call.id };
  }
  const result = member(part, 'functionResponse');
  if (isFields(result))
    return { type: 'tool_call_response', id: text(result.id) ?? text(result.name), response: result.response };
  const data = member(part, 'inlineData');
  if (isFields(data)) {
    const mime = text(member(data, 'mimeType')) ?? '';
    return { type: 'blob', modality: mime.split('/')[0], mime_type: mime, content: data.data ?? '' };
  }
  const file = member(part, 'fileData');
  if (isFields(file)) {
    const mime = text(member(file, 'mimeType')) ?? '';
    return { type: 'uri', modality: mime.split('/')[0], mime_type: mime, uri: member(file, 'fileUri') ?? '' };
  }
  return { ...part, type: Object.keys(part).find(name => name !== 'thoughtSignature') ?? 'generic' };
}
