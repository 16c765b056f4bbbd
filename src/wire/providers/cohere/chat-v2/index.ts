import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import type { Format } from '../../format.js';
import { assign, count, type Fields, fields, identifier, items, jsonText, text } from '../../json/fields.js';
import { each, KEEP, keep, SIZE } from '../../json/selection.js';
import { chatMessages, chatTools } from '../../openai/chat/messages.js';
import { PARAMETERS, readParameters } from '../request.js';
import { readCohereUsage } from '../usage.js';

/** Version 2 of Cohere's chat: messages as everywhere, no model in the answer. @see https://docs.cohere.com/reference/chat */

function readRequest(body: Fields, draft: CallDraft): void {
  readParameters(body, draft);
  if (draft.room.enabled) draft.setInput({ messages: chatMessages(body.messages), tools: chatTools(body) });
}

function readResponse(body: Fields, draft: CallDraft): void {
  const choice = draft.choice();
  const message = fields(body.message);
  choice.reasoning(text(message.tool_plan));
  for (const part of items(message.content)) readContent(fields(part), choice);
  for (const each of items(message.tool_calls)) {
    const call = fields(each);
    const tool = choice.toolCall(undefined, { id: text(call.id), name: text(fields(call.function).name) });
    choice.argue(tool, jsonText(fields(call.function).arguments));
  }
  choice.finishReason = text(body.finish_reason) ?? choice.finishReason;
  assign(draft.response, { id: identifier(body.id) });
  readCohereUsage(body.usage, draft);
}

function readContent(part: Fields, choice: Choice): boolean {
  choice.text(text(part.text));
  choice.reasoning(text(part.thinking));
  return (text(part.text) ?? text(part.thinking)) !== undefined;
}

export const cohereChatV2: Format = {
  name: 'cohere.chat-v2',
  operation: 'chat',
  requestFields: content =>
    content ? { ...PARAMETERS, messages: each(KEEP), tools: each(KEEP) } : { ...PARAMETERS, messages: SIZE },
  responseFields: () => ({ ...keep('id', 'finish_reason', 'usage', 'error'), message: KEEP }),
  isRequest: body => body.messages !== undefined && text(body.model) !== undefined,
  readRequest,
  readResponse,
  openStream(draft) {
    return {
      complete: false,
      event(event, name) {
        const choice = draft.choice();
        const message = fields(fields(event.delta).message);
        const index = count(event.index) ?? 0;
        switch (text(event.type) ?? name) {
          case 'message-start':
            assign(draft.response, { id: identifier(event.id) });
            return false;
          case 'content-start':
          case 'content-delta':
            return readContent(fields(message.content), choice);
          case 'tool-plan-delta':
            choice.reasoning(text(message.tool_plan));
            return true;
          case 'tool-call-start':
          case 'tool-call-delta': {
            const call = fields(message.tool_calls);
            const target = fields(call.function);
            choice.argue(
              choice.toolCall(index, { id: text(call.id), name: text(target.name) }),
              text(target.arguments),
            );
            return true;
          }
          case 'message-end': {
            const delta = fields(event.delta);
            choice.finishReason = text(delta.finish_reason) ?? choice.finishReason;
            if (text(delta.error) !== undefined) draft.fail('error', text(delta.error));
            readCohereUsage(delta.usage, draft);
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
