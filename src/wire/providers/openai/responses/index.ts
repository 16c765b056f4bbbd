import type { Format } from '../../format.js';
import { text } from '../../json/fields.js';
import { readResponsesRequest } from './request.js';
import { readResponsesResponse } from './response.js';
import { openResponsesStream } from './stream.js';
import { RESPONSE, requestFields } from './wire.js';

/** The Responses API: over HTTP, and with the same events over a WebSocket. */
export const openAiResponses: Format = {
  name: 'openai.responses',
  operation: 'chat',
  requestFields,
  responseFields: () => RESPONSE,
  isRequest: body => text(body.model) !== undefined && body.input !== undefined && body.input !== null,
  readRequest: readResponsesRequest,
  readResponse: readResponsesResponse,
  openStream: openResponsesStream,
};
