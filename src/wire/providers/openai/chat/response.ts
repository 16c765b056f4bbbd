import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import { isErrorBody, readError } from '../../errors.js';
import { assign, count, type Fields, fields, identifier, isFields, items, jsonText, text } from '../../json/fields.js';
import { readGatewayCost } from '../../stated-cost.js';
import { thinkingText } from './messages.js';
import { readChatUsage } from './usage.js';

export function readChatResponse(body: Fields, draft: CallDraft): void {
  if (isErrorBody(body)) readError(body, draft);
  readEnvelope(body, draft);
  // xAI's word that the answer can be fetched later.
  const deferred = text(body.request_id);
  if (deferred !== undefined && body.choices === undefined)
    draft.outcome = { id: deferred, open: true, background: true };
  for (const [position, each] of items(body.choices).entries()) {
    const wire = fields(each);
    const choice = draft.choice(count(wire.index) ?? position);
    readMessage(fields(wire.message), choice);
    readGatewayCost(fields(wire.message).provider_metadata, draft);
    choice.finishReason = text(wire.finish_reason) ?? choice.finishReason;
  }
}

/** What a whole answer and each chunk of a stream have in common. Azure's filter chunk has empty texts: they say nothing. */
export function readEnvelope(body: Fields, draft: CallDraft): void {
  assign(draft.response, {
    id: identifier(body.id),
    model: text(body.model) ?? text(body.model_id),
    serviceTier: text(body.service_tier),
    systemFingerprint: text(body.system_fingerprint),
  });
  readGatewayCost(body.provider_metadata ?? body.providerMetadata, draft);
  // Groq puts a stream's counts into its own envelope; early Moonshot models into the choice.
  readChatUsage(body.usage ?? fields(body.x_groq).usage ?? fields(items(body.choices)[0]).usage, draft);
}

/** A whole message, or a delta that compatible servers send whole. */
function readMessage(message: Fields, choice: Choice): void {
  choice.reasoning(text(message.reasoning_content) ?? text(message.reasoning));
  readContent(message.content, choice);
  choice.refusal(text(message.refusal));
  for (const each of items(message.tool_calls)) {
    const call = fields(each);
    const target = fields(call.function ?? call.custom);
    const tool = choice.toolCall(undefined, { id: identifier(call.id), name: text(target.name) });
    choice.argue(tool, jsonText(target.arguments ?? target.input));
  }
  const legacy = fields(message.function_call);
  if (text(legacy.name) !== undefined) choice.functionCall(text(legacy.name), jsonText(legacy.arguments));
  const audio = fields(message.audio);
  choice.text(text(audio.transcript));
}

/** Text, Mistral's typed chunks, or the object itself where a server parses what it was asked to write (Cloudflare). True when there was any. */
export function readContent(content: unknown, choice: Choice): boolean {
  if (typeof content === 'string') {
    choice.text(content);
    return content !== '';
  }
  if (isFields(content)) {
    choice.text(jsonText(content));
    return true;
  }
  for (const each of items(content)) {
    const part = fields(each);
    if (part.type === 'thinking') choice.reasoning(thinkingText(part.thinking));
    else if (part.type === 'text' || part.type === 'output_text') choice.text(text(part.text));
  }
  return items(content).length > 0;
}
