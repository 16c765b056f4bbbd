/** What an interaction is asked, in the shape of the conventions' message schema. */
import type { Message, MessagePart } from '../../../llm-call.js';
import { type Fields, fields, items, text } from '../../json/fields.js';

/** A text, contents, or steps of an earlier turn. */
export function interactionInput(body: Fields): { system: MessagePart[]; messages: Message[]; tools: unknown[] } {
  const system = text(body.system_instruction);
  const question = text(body.input);
  return {
    system: system === undefined ? [] : [{ type: 'text', content: system }],
    messages: question === undefined ? items(body.input).map(each => message(fields(each))) : [said('user', question)],
    tools: [...items(body.tools)],
  };
}

const said = (role: string, content: unknown): Message => ({ role, parts: [{ type: 'text', content }] });

function message(step: Fields): Message {
  switch (step.type) {
    case 'user_input':
      return { role: 'user', parts: parts(step.content) };
    case 'model_output':
      return { role: 'assistant', parts: parts(step.content) };
    case 'function_call':
      return {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: step.id, name: text(step.name) ?? '', arguments: step.arguments }],
      };
    case 'function_result':
      return { role: 'tool', parts: [{ type: 'tool_call_response', id: step.call_id, response: step.result }] };
    default:
      // A turn of the older form names its role; a content stands for itself.
      return step.role === undefined
        ? { role: 'user', parts: [part(step)] }
        : { role: step.role === 'model' ? 'assistant' : String(step.role), parts: parts(step.content) };
  }
}

function parts(content: unknown): MessagePart[] {
  if (typeof content === 'string') return [{ type: 'text', content }];
  return items(content).map(each => part(fields(each)));
}

function part(content: Fields): MessagePart {
  if (content.type === 'text') return { type: 'text', content: content.text ?? '' };
  return { ...content, type: text(content.type) ?? 'generic' };
}
