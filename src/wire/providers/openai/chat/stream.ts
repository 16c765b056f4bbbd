import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import { isErrorBody, readError } from '../../errors.js';
import type { StreamReader } from '../../format.js';
import { count, type Fields, fields, identifier, items, jsonText, text } from '../../json/fields.js';
import { readGatewayCost } from '../../stated-cost.js';
import { readContent, readEnvelope } from './response.js';

/**
 * Chunks of a chat completion. Text and tool arguments come in pieces, tool calls are merged by index; usage comes last,
 * and only where the request or the provider wants it.
 */
export function openChatStream(draft: CallDraft): StreamReader {
  return {
    complete: false,
    event(chunk) {
      if (isErrorBody(chunk) || text(fields(chunk.x_groq).error) !== undefined) {
        readError(chunk, draft);
        this.complete = true;
      }
      readEnvelope(chunk, draft);
      let output = false;
      for (const [position, each] of items(chunk.choices).entries()) {
        const wire = fields(each);
        const choice = draft.choice(count(wire.index) ?? position);
        // SambaNova and some gateways send a whole message in the last chunk; the deltas are what counts.
        output = readDelta(fields(wire.delta), choice) || output;
        readGatewayCost(fields(wire.delta).provider_metadata, draft);
        const reason = text(wire.finish_reason);
        if (reason !== undefined) {
          choice.finishReason = reason;
          this.complete = true;
        }
      }
      return output;
    },
  };
}

function readDelta(delta: Fields, choice: Choice): boolean {
  const reasoning = text(delta.reasoning_content) ?? text(delta.reasoning);
  choice.reasoning(reasoning);
  const content = readContent(delta.content, choice);
  const refusal = text(delta.refusal);
  choice.refusal(refusal);
  const calls = items(delta.tool_calls);
  for (const [position, each] of calls.entries()) readToolDelta(fields(each), position, choice);
  const legacy = fields(delta.function_call);
  const hasLegacy = text(legacy.name) !== undefined || text(legacy.arguments) !== undefined;
  if (hasLegacy) choice.functionCall(text(legacy.name), text(legacy.arguments));
  const transcript = text(fields(delta.audio).transcript);
  choice.text(transcript);
  return content || hasLegacy || calls.length > 0 || (reasoning ?? refusal ?? transcript) !== undefined;
}

/** The index tells calls apart; servers that leave it out send each call whole, with an id. */
function readToolDelta(call: Fields, position: number, choice: Choice): void {
  const target = fields(call.function ?? call.custom);
  const id = identifier(call.id);
  const tool = choice.toolCallAt(count(call.index) ?? id ?? position, { id, name: text(target.name) });
  choice.argue(tool, jsonText(target.arguments ?? target.input));
}
