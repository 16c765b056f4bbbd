import type { CallDraft } from '../call-draft.js';
import { fields } from '../json/fields.js';
import { readChatUsage } from './chat/usage.js';
import { readResponsesUsage } from './responses/usage.js';

/** Counts of tokens under the names of the Responses API; Mistral and OpenRouter take those of chat everywhere. */
export function readNamedUsage(value: unknown, draft: CallDraft): void {
  if (fields(value).prompt_tokens === undefined) readResponsesUsage(value, draft);
  else readChatUsage(value, draft);
}
