import type { CallDraft } from '../../call-draft.js';
import { readErrorEvent } from '../../errors.js';
import type { StreamReader } from '../../format.js';
import { assign, count, fields, items, text } from '../../json/fields.js';
import { readBlock, readEnvelope } from './response.js';
import { type MessageCounts, readMessagesUsage } from './usage.js';

/** Events of a streamed message; the same on Anthropic's own API, Bedrock, Vertex and Foundry. */
export function openMessagesStream(draft: CallDraft): StreamReader {
  const counts: MessageCounts = {};
  const choice = draft.choice();
  return {
    complete: false,
    event(event, name) {
      switch (text(event.type) ?? name) {
        case 'message_start': {
          const message = fields(event.message);
          readEnvelope(message, draft, counts);
          // A turn that was paused for the server's code goes on with what it had already said.
          for (const [place, each] of items(message.content).entries())
            readBlock(fields(each), `start ${place}`, choice);
          return false;
        }
        case 'content_block_start': {
          const block = fields(event.content_block);
          // The model that was asked declined, and another one answers.
          if (block.type === 'fallback') assign(draft.response, { model: text(fields(block.to).model) });
          return readBlock(block, count(event.index) ?? 0, choice);
        }
        case 'content_block_delta': {
          const delta = fields(event.delta);
          const index = count(event.index) ?? 0;
          choice.text(text(delta.text), index);
          choice.reasoning(text(delta.thinking), index);
          if (delta.type === 'input_json_delta' && choice.has(index)) {
            choice.argue(choice.toolCallAt(index, {}), text(delta.partial_json));
          }
          return true;
        }
        case 'message_delta':
          choice.finishReason = text(fields(event.delta).stop_reason) ?? choice.finishReason;
          readMessagesUsage(event.usage, draft, counts);
          // It says why the model stopped, and counts. Nothing but `message_stop` follows, which programs do not wait for
          // and gateways leave out.
          this.complete ||= choice.finishReason !== undefined;
          return false;
        case 'message_stop':
          this.complete = true;
          return false;
        case 'error':
          readErrorEvent(event, draft);
          this.complete = true;
          return false;
        default:
          return false;
      }
    },
  };
}
