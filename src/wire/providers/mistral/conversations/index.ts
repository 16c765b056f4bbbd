import type { CallDraft } from '../../call-draft.js';
import { isErrorBody, readError, readErrorEvent } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, type Fields, fields, flag, items, jsonText, number, text } from '../../json/fields.js';
import { each, KEEP, keep, SIZE } from '../../json/selection.js';
import { readContent } from '../../openai/chat/response.js';
import { readChatUsage } from '../../openai/chat/usage.js';

/** Mistral's conversations: state on the server, entries instead of choices. @see https://docs.mistral.ai/api */

function readEntry(entry: Fields, draft: CallDraft): void {
  const choice = draft.choice();
  assign(draft.response, { model: text(entry.model) });
  if (entry.type === 'message.output') readContent(entry.content, choice);
  else if (entry.type === 'function.call') {
    const tool = choice.toolCall(text(entry.id), { id: text(entry.tool_call_id), name: text(entry.name) });
    choice.argueWhole(tool, jsonText(entry.arguments));
  } else if (entry.type !== undefined) choice.other({ ...entry, type: String(entry.type) });
}

function finish(draft: CallDraft): void {
  const choice = draft.choice();
  choice.finishReason = choice.hasToolCalls ? 'tool_calls' : 'stop';
}

export const mistralConversations: Format = {
  name: 'mistral.conversations',
  operation: 'chat',
  requestFields: content => ({
    ...keep('model', 'agent_id', 'stream', 'completion_args'),
    inputs: content ? KEEP : SIZE,
  }),
  responseFields: () => ({ ...keep('conversation_id', 'usage', 'object', 'message', 'detail'), outputs: each(KEEP) }),
  isRequest: body => body.inputs !== undefined && (text(body.model) ?? text(body.agent_id)) !== undefined,
  readRequest(body, draft) {
    const parameters = fields(body.completion_args);
    assign(draft.request, {
      model: text(body.model),
      stream: flag(body.stream),
      temperature: number(parameters.temperature),
      topP: number(parameters.top_p),
      maxTokens: number(parameters.max_tokens),
      seed: number(parameters.random_seed),
    });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) return readError(body, draft);
    draft.conversationId = text(body.conversation_id);
    for (const entry of items(body.outputs)) readEntry(fields(entry), draft);
    readChatUsage(body.usage, draft);
    finish(draft);
  },
  openStream(draft) {
    return {
      complete: false,
      event(event, name) {
        const choice = draft.choice();
        switch (text(event.type) ?? name) {
          case 'conversation.response.started':
            draft.conversationId = text(event.conversation_id);
            return false;
          case 'message.output.delta':
            assign(draft.response, { model: text(event.model) });
            if (typeof event.content === 'string') choice.text(event.content);
            else readContent([event.content], choice);
            return true;
          case 'function.call.delta': {
            const tool = choice.toolCall(text(event.id), { id: text(event.tool_call_id), name: text(event.name) });
            choice.argue(tool, text(event.arguments));
            return true;
          }
          case 'conversation.response.done':
            readChatUsage(event.usage, draft);
            finish(draft);
            this.complete = true;
            return false;
          case 'conversation.response.error':
            readErrorEvent(event, draft);
            this.complete = true;
            return false;
          default:
            return false;
        }
      },
    };
  },
};
