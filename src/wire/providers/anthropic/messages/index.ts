import type { Format } from '../../format.js';
import { text } from '../../json/fields.js';
import { readMessagesRequest } from './request.js';
import { readMessagesResponse } from './response.js';
import { openMessagesStream } from './stream.js';
import { RESPONSE, requestFields } from './wire.js';

/** Messages: Anthropic's own API and whoever copies it. */
export const anthropicMessages: Format = {
  name: 'anthropic.messages',
  operation: 'chat',
  requestFields,
  responseFields: () => RESPONSE,
  isRequest: body =>
    text(body.anthropic_version) !== undefined ||
    (typeof body.messages === 'object' &&
      body.messages !== null &&
      text(body.model) !== undefined &&
      body.max_tokens !== undefined),
  readRequest: readMessagesRequest,
  readResponse: readMessagesResponse,
  openStream: openMessagesStream,
};
