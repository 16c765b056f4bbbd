import type { CallDraft } from '../../call-draft.js';
import type { Heads } from '../../format.js';
import { assign, type Fields, fields, flag, number, parseJson, text, texts, whole } from '../../json/fields.js';
import { blockParts, messageInput, messageTools } from './blocks.js';

/** Parameters; on Bedrock and Vertex the model is in the path, and the caller has set it already. */
export function readMessagesRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  const format = fields(fields(body.output_config).format ?? body.output_format).type;
  assign(draft.request, {
    model: text(body.model),
    stream: flag(body.stream),
    maxTokens: whole(body.max_tokens),
    temperature: number(body.temperature),
    topP: number(body.top_p),
    topK: number(body.top_k),
    stopSequences: texts(body.stop_sequences),
    reasoningLevel: text(fields(body.output_config).effort) ?? thinkingLevel(body.thinking),
    outputType: format === 'json_schema' ? 'json' : undefined,
    serviceTier: text(body.service_tier),
    previousResponseId: text(fields(body.thread).previous_message_id),
  });
  draft.bill({ speed: text(body.speed) });
  draft.conversationId = claudeCodeSession(body, heads) ?? draft.conversationId;
  if (!draft.room.enabled) return;
  draft.setInput({
    system: blockParts(body.system),
    messages: messageInput(body.messages),
    tools: messageTools(body.tools),
  });
}

function thinkingLevel(value: unknown): string | undefined {
  const type = text(fields(value).type);
  return type === 'disabled' ? undefined : type;
}

/**
 * Claude Code's session: its header, else the user id of its metadata, which was `user_…_session_<uuid>` and is JSON since
 * 2.1.78. Other programs put their own users there, which are no conversations.
 */
function claudeCodeSession(body: Fields, { request }: Heads): string | undefined {
  const header = text(request.headers['x-claude-code-session-id']);
  if (header !== undefined) return header;
  const user = text(fields(body.metadata).user_id);
  if (user === undefined) return undefined;
  if (user.startsWith('{')) return text(fields(parseJson(user)).session_id);
  const at = user.lastIndexOf('_session_');
  return user.startsWith('user_') && at > 0 ? text(user.slice(at + '_session_'.length)) : undefined;
}
