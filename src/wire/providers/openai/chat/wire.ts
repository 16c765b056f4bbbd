/** The fields of a chat completion that are read. @see https://platform.openai.com/docs/api-reference/chat */
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';

const REQUEST: SelectedMembers = {
  ...keep('model', 'stream', 'temperature', 'top_p', 'top_k', 'max_tokens', 'max_completion_tokens'),
  ...keep('frequency_penalty', 'presence_penalty', 'seed', 'random_seed', 'stop', 'n'),
  ...keep('reasoning_effort', 'modalities', 'service_tier'),
  reasoning: keep('effort'),
  response_format: keep('type'),
  stream_options: keep('include_usage'),
  messages: SIZE,
};

const REQUEST_WITH_CONTENT: SelectedMembers = {
  ...REQUEST,
  messages: each(KEEP),
  tools: each(KEEP),
  functions: each(KEEP),
};

export const RESPONSE: SelectedMembers = {
  ...keep(
    'id',
    'object',
    'model',
    'model_id',
    'service_tier',
    'system_fingerprint',
    'usage',
    'x_groq',
    'error',
    'request_id',
  ),
  ...keep('message', 'type', 'code', 'detail', 'provider_metadata', 'providerMetadata'),
  choices: each({ ...keep('index', 'finish_reason', 'usage'), message: KEEP }),
};

export function requestFields(content: boolean): SelectedMembers {
  return content ? REQUEST_WITH_CONTENT : REQUEST;
}
