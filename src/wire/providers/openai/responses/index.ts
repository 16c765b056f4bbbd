import type { Format } from '../../format.js';
import { type Fields, fields, text } from '../../json/fields.js';
import { namesModel } from '../../path-model.js';
import { readResponsesRequest } from './request.js';
import { readResponsesResponse } from './response.js';
import { openResponsesStream } from './stream.js';
import { RESPONSE, requestFields } from './wire.js';

/** A model and an input, or one of the places on the server where they are kept. */
export function isResponsesRequest(body: Fields): boolean {
  if (text(fields(body.prompt).id) !== undefined) return true;
  const kept = body.previous_response_id ?? body.conversation;
  return text(body.model) !== undefined && (body.input ?? kept ?? undefined) !== undefined;
}

/** The Responses API: over HTTP, and with the same events over a WebSocket. */
export const openAiResponses: Format = {
  name: 'openai.responses',
  operation: 'chat',
  requestFields,
  responseFields: () => RESPONSE,
  isRequest: (body, heads) => isResponsesRequest(body) || (namesModel(body, heads) && body.input !== undefined),
  readRequest: readResponsesRequest,
  readResponse: readResponsesResponse,
  openStream: openResponsesStream,
};
