import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import type { Heads, StreamReader } from '../../format.js';
import { count, type Fields, fields, isFields, items, jsonText, text } from '../../json/fields.js';
import { readConverseUsage, readServing } from '../usage.js';
import { blockPart } from './blocks.js';

export function readConverseResponse(body: Fields, draft: CallDraft, heads: Heads): void {
  readRequestId(draft, heads);
  const choice = draft.choice();
  for (const [index, each] of items(fields(fields(body.output).message).content).entries()) {
    readBlock(fields(each), index, choice);
  }
  choice.finishReason = text(body.stopReason) ?? choice.finishReason;
  readConverseUsage(body.usage, draft);
  readServing(body, {}, draft);
  const routed = text(fields(fields(body.trace).promptRouter).invokedModelId);
  if (routed !== undefined) draft.response.model = routed;
}

/** Converse answers have no id of their own. */
function readRequestId(draft: CallDraft, heads: Heads): void {
  const id = heads.responseHeaders['x-amzn-requestid'];
  if (id !== undefined) draft.response.id = id;
}

/** One whole block. Citations wrap text that belongs to the answer. */
function readBlock(block: Fields, index: number, choice: Choice): void {
  const reasoning = text(fields(fields(block.reasoningContent).reasoningText).text);
  if (typeof block.text === 'string') choice.text(block.text, index);
  else if (reasoning !== undefined) choice.reasoning(reasoning, index);
  else if (isFields(block.toolUse)) {
    const tool = choice.toolCall(index, { id: text(block.toolUse.toolUseId), name: text(block.toolUse.name) });
    choice.argue(tool, jsonText(block.toolUse.input));
  } else if (isFields(block.citationsContent)) {
    for (const each of items(block.citationsContent.content)) choice.text(text(fields(each).text), index);
  } else choice.other(blockPart(block));
}

/** Events of ConverseStream: the name is the event's type, the data its payload. */
export function openConverseStream(draft: CallDraft, heads: Heads): StreamReader {
  const choice = draft.choice();
  readRequestId(draft, heads);
  draft.countsFollow = true;
  return {
    complete: false,
    event(event, name) {
      const index = count(event.contentBlockIndex) ?? 0;
      switch (name) {
        case 'contentBlockStart': {
          const start = fields(fields(event.start).toolUse);
          if (text(start.name) === undefined) return false;
          choice.toolCall(index, { id: text(start.toolUseId), name: text(start.name) });
          return true;
        }
        case 'contentBlockDelta': {
          const delta = fields(event.delta);
          choice.text(text(delta.text), index);
          choice.reasoning(text(fields(delta.reasoningContent).text), index);
          if (isFields(delta.toolUse)) choice.argue(choice.toolCall(index), text(delta.toolUse.input));
          return true;
        }
        case 'messageStop':
          choice.finishReason = text(event.stopReason) ?? choice.finishReason;
          this.complete = true;
          return false;
        case 'metadata':
          readConverseUsage(event.usage, draft);
          readServing(event, {}, draft);
          return false;
        default:
          if (name?.toLowerCase().endsWith('exception')) {
            draft.fail(name, text(event.message));
            choice.finishReason = 'error';
            this.complete = true;
          }
          return false;
      }
    },
  };
}
