import type { Format } from '../../format.js';
import { openAiResponses } from './index.js';

/**
 * `GET …/responses/{id}`: a response that was made in the background, whole or as the rest of its stream. Only such a one
 * can be streamed anew.
 */
export const responsesLater: Format = {
  ...openAiResponses,
  name: 'openai.responses-later',
  operation: 'fetch_response',
  later: true,
  requestFields: () => ({}),
  isRequest: () => true,
  readRequest(_body, draft, heads) {
    draft.extra['openai.api.type'] = 'responses';
    if (new URLSearchParams(heads.query).get('stream') !== 'true') return;
    draft.request.stream = true;
    draft.inBackground = true;
  },
};
