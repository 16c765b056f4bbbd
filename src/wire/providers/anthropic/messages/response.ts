import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import { isErrorBody, readError } from '../../errors.js';
import { assign, type Fields, fields, identifier, items, jsonText, text } from '../../json/fields.js';
import { blockPart } from './blocks.js';
import { type MessageCounts, readMessagesUsage } from './usage.js';

export function readMessagesResponse(body: Fields, draft: CallDraft): void {
  if (isErrorBody(body)) return readError(body, draft);
  readEnvelope(body, draft);
  const choice = draft.choice();
  for (const [index, each] of items(body.content).entries()) readBlock(fields(each), index, choice);
}

/** What a whole message and `message_start` have in common. */
export function readEnvelope(message: Fields, draft: CallDraft, counts?: MessageCounts): void {
  assign(draft.response, { id: identifier(message.id), model: text(message.model) });
  const choice = draft.choice();
  choice.finishReason = text(message.stop_reason) ?? choice.finishReason;
  readMessagesUsage(message.usage, draft, counts);
}

/** A whole block, or the beginning of a streamed one. True when the model said something with it. */
export function readBlock(block: Fields, index: number | string, choice: Choice): boolean {
  switch (block.type) {
    case 'text':
      choice.text(text(block.text), index);
      return text(block.text) !== undefined;
    case 'thinking':
      choice.reasoning(text(block.thinking), index);
      return text(block.thinking) !== undefined;
    case 'tool_use': {
      const tool = choice.toolCallAt(index, { id: text(block.id), name: text(block.name) });
      const input = jsonText(block.input);
      // A streamed call begins with an empty object and sends its arguments as pieces.
      if (input !== undefined && input !== '{}') choice.argueWhole(tool, input);
      return true;
    }
    case undefined:
      return false;
    default:
      choice.other(blockPart(block));
      return false;
  }
}
