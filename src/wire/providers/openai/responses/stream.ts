import type { CallDraft } from '../../call-draft.js';
import { readErrorEvent } from '../../errors.js';
import type { StreamReader } from '../../format.js';
import { count, type Fields, fields, isFields, text } from '../../json/fields.js';
import { finish, readBilledTools, readItem, readResponseFacts, readToolCall } from './response.js';

/**
 * Events of a streamed response. The terminal event repeats the whole response; what came in pieces before is taken from
 * the pieces, so that a stream that breaks off still shows what the user saw.
 */
export function openResponsesStream(draft: CallDraft): StreamReader {
  let pieces = false;
  const choice = draft.choice();

  /** An item's place in the output; its id only where that is missing, because Copilot gives each event another id. */
  const keyOf = (event: Fields, id: unknown) => count(event.output_index) ?? text(id);

  /** The response that an event carries; Perplexity's is the event itself. */
  function response(event: Fields): Fields {
    const body = isFields(event.response) ? event.response : event;
    readResponseFacts(body, draft);
    return body;
  }

  return {
    complete: false,
    event(event, name) {
      const type = text(event.type) ?? name;
      switch (type) {
        case 'response.output_text.delta':
        case 'response.audio.transcript.delta':
        case 'response.audio_transcript.delta':
          pieces = true;
          choice.text(text(event.delta));
          return true;
        case 'response.refusal.delta':
          pieces = true;
          choice.refusal(text(event.delta));
          return true;
        case 'response.reasoning_text.delta':
        case 'response.reasoning_summary_text.delta':
          choice.reasoning(text(event.delta), keyOf(event, event.item_id));
          return true;
        case 'response.function_call_arguments.delta':
        case 'response.custom_tool_call_input.delta':
          choice.argue(choice.toolCall(keyOf(event, event.item_id)), text(event.delta));
          return true;
        case 'response.function_call_arguments.done':
          choice.argueWhole(choice.toolCall(keyOf(event, event.item_id)), text(event.arguments));
          return false;
        case 'response.output_item.added':
        case 'response.output_item.done': {
          const item = fields(event.item);
          const key = keyOf(event, item.id);
          const isCall = item.type === 'function_call' || item.type === 'custom_tool_call';
          // Perplexity announces its own search as a function call, and ends the item as what it was.
          if (!isCall && key !== undefined) choice.dropToolCall(key);
          if (isCall) readToolCall(item, key, choice);
          else if (type.endsWith('.done') && item.type !== 'message' && item.type !== 'reasoning')
            readItem(item, choice);
          else if (type.endsWith('.done') && item.type === 'message' && !pieces) readItem(item, choice);
          return isCall;
        }
        case 'response.created':
        case 'response.in_progress':
        case 'response.queued':
          response(event);
          return false;
        case 'response.completed':
        case 'response.incomplete':
        case 'response.failed':
        case 'response.cancelled': {
          const body = response(event);
          readBilledTools(body, draft);
          finish(body, draft, choice);
          this.complete = true;
          return false;
        }
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
