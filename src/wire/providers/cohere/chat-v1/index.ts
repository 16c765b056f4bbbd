import type { Message } from '../../../llm-call.js';
import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import type { Format } from '../../format.js';
import { assign, count, type Fields, fields, identifier, items, jsonText, text } from '../../json/fields.js';
import { each, KEEP, keep, SIZE } from '../../json/selection.js';
import { PARAMETERS, readParameters } from '../request.js';
import { readCohereUsage } from '../usage.js';

/** Version 1 of Cohere's chat: one message and a history. @see https://docs.cohere.com/v1/reference/chat */

const ROLES: Readonly<Record<string, string>> = { USER: 'user', CHATBOT: 'assistant', SYSTEM: 'system', TOOL: 'tool' };

function readRequest(body: Fields, draft: CallDraft): void {
  readParameters(body, draft);
  draft.conversationId = text(body.conversation_id) ?? draft.conversationId;
  if (!draft.room.enabled) return;
  const history = items(body.chat_history).map((each): Message => {
    const { role, message } = fields(each);
    const name = String(role).toUpperCase();
    return { role: ROLES[name] ?? String(role), parts: [{ type: 'text', content: message ?? '' }] };
  });
  const question: Message[] = text(body.message) === undefined ? [] : [user(body.message)];
  const preamble = text(body.preamble);
  draft.setInput({
    messages: [...history, ...question],
    tools: items(body.tools).map(each => {
      const { name, description, parameter_definitions: parameters } = fields(each);
      return { type: 'function', name, description, parameters };
    }),
    ...(preamble === undefined ? {} : { system: [{ type: 'text', content: preamble }] }),
  });
}

const user = (content: unknown): Message => ({ role: 'user', parts: [{ type: 'text', content }] });

/** A whole answer; the last event of a stream repeats it. `withText` is false where the text came in pieces. */
function readAnswer(body: Fields, draft: CallDraft, withText: boolean): void {
  const choice = draft.choice();
  if (withText) {
    choice.text(text(body.text));
    readToolCalls(body.tool_calls, choice);
  }
  choice.finishReason = text(body.finish_reason) ?? choice.finishReason;
  assign(draft.response, { id: identifier(body.response_id) ?? identifier(body.generation_id) });
  readCohereUsage(body.meta, draft);
}

function readToolCalls(value: unknown, choice: Choice): void {
  for (const each of items(value)) {
    const call = fields(each);
    choice.argue(choice.toolCall(undefined, { name: text(call.name) }), jsonText(call.parameters));
  }
}

export const cohereChatV1: Format = {
  name: 'cohere.chat-v1',
  operation: 'chat',
  requestFields: content =>
    content
      ? { ...PARAMETERS, message: KEEP, preamble: KEEP, chat_history: each(KEEP), tools: each(KEEP) }
      : { ...PARAMETERS, message: SIZE },
  responseFields: () => keep('response_id', 'generation_id', 'text', 'finish_reason', 'tool_calls', 'meta', 'message'),
  isRequest: body => body.message !== undefined,
  readRequest,
  readResponse: (body, draft) => readAnswer(body, draft, true),
  openStream(draft) {
    let pieces = false;
    let calls = false;
    return {
      complete: false,
      event(event, name) {
        const choice = draft.choice();
        switch (text(event.event_type) ?? name) {
          case 'text-generation':
            pieces = true;
            choice.text(text(event.text));
            return true;
          case 'tool-calls-chunk': {
            const delta = fields(event.tool_call_delta);
            if (delta.index === undefined) return true;
            calls = true;
            const tool = choice.toolCall(count(delta.index) ?? 0, { name: text(delta.name) });
            choice.argue(tool, text(delta.parameters));
            return true;
          }
          case 'tool-calls-generation':
            if (!calls) readToolCalls(event.tool_calls, choice);
            calls = true;
            return true;
          case 'stream-end': {
            const response = fields(event.response);
            readAnswer(
              { ...response, finish_reason: event.finish_reason ?? response.finish_reason },
              draft,
              !pieces && !calls,
            );
            this.complete = true;
            return false;
          }
          default:
            return false;
        }
      },
    };
  },
};
