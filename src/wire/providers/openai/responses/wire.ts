/** The fields of a response object that are read. @see https://platform.openai.com/docs/api-reference/responses */
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';

const REQUEST: SelectedMembers = {
  ...keep('type', 'model', 'stream', 'temperature', 'top_p', 'max_output_tokens', 'service_tier'),
  ...keep('previous_response_id', 'conversation', 'background'),
  reasoning: keep('effort'),
  text: { format: keep('type') },
  input: SIZE,
  prompt: keep('id'),
};

const REQUEST_WITH_CONTENT: SelectedMembers = { ...REQUEST, instructions: KEEP, input: each(KEEP), tools: each(KEEP) };

export const RESPONSE: SelectedMembers = {
  ...keep('id', 'object', 'model', 'status', 'error', 'incomplete_details', 'usage', 'service_tier', 'conversation'),
  ...keep('message', 'type', 'code', 'detail', 'background', 'tool_usage', 'provider_metadata', 'providerMetadata'),
  output: each(KEEP),
};

export function requestFields(content: boolean): SelectedMembers {
  return content ? REQUEST_WITH_CONTENT : REQUEST;
}
