import type { CallDraft } from '../../call-draft.js';
import { readErrorEvent } from '../../errors.js';
import type { StreamReader } from '../../format.js';
import { count, fields, text } from '../../json/fields.js';
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
        case 'message_start':
          readEnvelope(fields(event.message), draft, counts);
          return false;
        case 'content_block_start':
          return readBlock(fields(event.content_block), count(event.index) ?? 0, choice);
        case 'content_block_delta': {
          const delta = fields(event.delta);
          const index = count(event.index) ?? 0;
          choice.text(text(delta.text), index);
          choice.reasoning(text(delta.thinking), index);
          if (delta.type === 'input_json_delta' && choice.has(index)) {
            choice.argue(choice.toolCall(index), text(delta.partial_json));
          }
          return true;
        }
        case 'message_delta':
          choice.finishReason = text(fields(event.delta).stop_reason) ?? choice.finishReason;
          readMessagesUsage(event.usage, draft, counts);
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
