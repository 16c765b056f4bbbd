import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import { isErrorBody, readError } from '../../errors.js';
import type { StreamReader } from '../../format.js';
import { assign, count, type Fields, fields, identifier, isFields, items, jsonText, text } from '../../json/fields.js';
import { blockWord, finishWord } from '../enums.js';
import { member } from '../names.js';
import { contentPart } from './parts.js';
import { StreamedCalls } from './streamed-calls.js';
import { readGenerateUsage } from './usage.js';

/** A whole answer, or one chunk of a stream: both have the same form. @returns whether the model said something */
export function readGenerateResponse(outer: Fields, draft: CallDraft, calls?: StreamedCalls): boolean {
  const body = isFields(outer.response) ? outer.response : outer;
  if (isErrorBody(outer)) readError(outer, draft);
  assign(draft.response, { id: identifier(body.responseId), model: text(body.modelVersion) });
  readGenerateUsage(body.usageMetadata, draft);
  let output = false;
  for (const [position, each] of items(body.candidates).entries()) {
    const candidate = fields(each);
    const choice = draft.choice(count(candidate.index) ?? position);
    const parts = items(fields(candidate.content).parts);
    for (const part of parts) readPart(fields(part), choice, calls);
    choice.finishReason = finishWord(candidate.finishReason, draft.provider) ?? choice.finishReason;
    // Billed by the search or by the prompt, above a number that is free.
    if (hasSome(fields(candidate.groundingMetadata).webSearchQueries)) draft.bill({ unpriced: 'grounding' });
    output ||= parts.length > 0;
  }
  // A blocked prompt has no candidates; the reason stands for the one that would have been.
  const blocked = blockWord(fields(body.promptFeedback).blockReason, draft.provider);
  if (blocked !== undefined) draft.choice().finishReason = blocked;
  return output;
}

function hasSome(list: unknown): boolean {
  return items(list).length > 0 || isFields(list);
}

/** @param calls of a stream, whose function calls may come in pieces */
export function readPart(part: Fields, choice: Choice, calls?: StreamedCalls): void {
  if (typeof part.text === 'string') {
    if (part.thought === true) choice.reasoning(part.text);
    else choice.text(part.text);
    return;
  }
  const call = member(part, 'functionCall');
  if (isFields(call)) {
    if (calls?.read(call, choice)) return;
    choice.argue(choice.toolCall(undefined, { id: text(call.id), name: text(call.name) }), jsonText(call.args));
  } else if (Object.keys(part).some(name => name !== 'thoughtSignature')) choice.other(contentPart(part));
}

/** A stream ends with its last chunk; every candidate has a reason then, or the prompt was blocked. */
export function openGenerateStream(draft: CallDraft): StreamReader {
  let failed = false;
  const calls = new StreamedCalls(draft.room.enabled ? draft.room.left : 0);
  return {
    event(chunk) {
      failed ||= isErrorBody(chunk);
      return readGenerateResponse(chunk, draft, calls);
    },
    end: () => calls.end(),
    get complete() {
      return failed || draft.choices.some(choice => choice.finishReason !== undefined);
    },
  };
}
