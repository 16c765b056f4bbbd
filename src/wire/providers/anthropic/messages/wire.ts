/** The fields of a message exchange that are read. @see https://docs.anthropic.com/en/api/messages */
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';

const REQUEST: SelectedMembers = {
  ...keep('model', 'stream', 'max_tokens', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'service_tier'),
  ...keep('anthropic_version', 'thinking', 'metadata', 'speed', 'thread'),
  output_config: { effort: KEEP, format: keep('type') },
  output_format: keep('type'),
  messages: SIZE,
  system: SIZE,
};

const REQUEST_WITH_CONTENT: SelectedMembers = {
  ...REQUEST,
  messages: each(KEEP),
  system: each(KEEP),
  tools: each(KEEP),
};

export const RESPONSE: SelectedMembers = {
  ...keep('id', 'type', 'model', 'role', 'stop_reason', 'usage', 'error', 'message', 'request_id'),
  content: each(KEEP),
};

export function requestFields(content: boolean): SelectedMembers {
  return content ? REQUEST_WITH_CONTENT : REQUEST;
}
