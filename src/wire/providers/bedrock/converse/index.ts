import type { Format } from '../../format.js';
import { readConverseRequest } from './request.js';
import { openConverseStream, readConverseResponse } from './response.js';
import { REQUEST, REQUEST_WITH_CONTENT, RESPONSE } from './wire.js';

/** Converse and ConverseStream: one form for every model. */
export const bedrockConverse: Format = {
  name: 'bedrock.converse',
  operation: 'chat',
  requestFields: content => (content ? REQUEST_WITH_CONTENT : REQUEST),
  responseFields: () => RESPONSE,
  isRequest: (body, heads) => body.messages !== undefined && (heads.path === '' || heads.path.includes('/model/')),
  readRequest: readConverseRequest,
  readResponse: readConverseResponse,
  openStream: openConverseStream,
};
