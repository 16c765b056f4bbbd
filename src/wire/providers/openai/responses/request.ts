import type { RequestFacts } from '../../../llm-call.js';
import type { CallDraft } from '../../call-draft.js';
import type { Heads } from '../../format.js';
import { assign, type Fields, fields, flag, number, text, whole } from '../../json/fields.js';
import { contentParts } from '../chat/messages.js';
import { responseItems, responseTools } from './items.js';

export function readResponsesRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  assign(draft.request, {
    model: text(body.model),
    stream: flag(body.stream),
    temperature: number(body.temperature),
    topP: number(body.top_p),
    maxTokens: whole(body.max_output_tokens),
    reasoningLevel: text(fields(body.reasoning).effort),
    outputType: outputType(body),
    previousResponseId: text(body.previous_response_id),
    serviceTier: text(body.service_tier),
  });
  draft.inBackground = flag(body.background) === true;
  draft.extra['openai.api.type'] = 'responses';
  draft.conversationId = conversationOf(body.conversation) ?? codexSession(heads) ?? draft.conversationId;
  if (!draft.room.enabled) return;
  draft.setInput({
    system: contentParts(body.instructions),
    messages: responseItems(body.input),
    tools: responseTools(body.tools),
  });
}

/** An id, or an object that has one. */
export function conversationOf(value: unknown): string | undefined {
  return text(value) ?? text(fields(value).id);
}

/** Codex names its session in a header, under both spellings over time. */
function codexSession({ request }: Heads): string | undefined {
  return (
    text(request.headers.session_id) ?? text(request.headers['session-id']) ?? text(request.headers.conversation_id)
  );
}

function outputType(body: Fields): RequestFacts['outputType'] | undefined {
  const type = text(fields(fields(body.text).format).type);
  if (type === 'json_object' || type === 'json_schema') return 'json';
  return type === 'text' ? 'text' : undefined;
}
