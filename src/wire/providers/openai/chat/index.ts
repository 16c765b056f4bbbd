import type { Format } from '../../format.js';
import { namesModel } from '../../path-model.js';
import { readChatRequest } from './request.js';
import { readChatResponse } from './response.js';
import { openChatStream } from './stream.js';
import { RESPONSE, requestFields } from './wire.js';

/** Chat completions, of OpenAI and of the many that copy them. */
export const openAiChat: Format = {
  name: 'openai.chat',
  operation: 'chat',
  requestFields,
  responseFields: () => RESPONSE,
  isRequest: (body, heads) => typeof body.messages === 'object' && body.messages !== null && namesModel(body, heads),
  readRequest(body, draft) {
    readChatRequest(body, draft);
    draft.extra['openai.api.type'] = 'chat_completions';
  },
  readResponse: readChatResponse,
  openStream: openChatStream,
};
