import type { Format } from '../../format.js';
import { fields } from '../../json/fields.js';
import { readGenerateRequest } from './request.js';
import { openGenerateStream, readGenerateResponse } from './response.js';
import { RESPONSE, requestFields } from './wire.js';

/** generateContent of Gemini and Vertex, whole, as SSE or as one growing array. */
export const geminiGenerate: Format = {
  name: 'gemini.generate',
  operation: 'generate_content',
  requestFields,
  responseFields: () => RESPONSE,
  isRequest: body => (fields(body.request).contents ?? body.contents) !== undefined,
  readRequest: readGenerateRequest,
  readResponse: (body, draft) => void readGenerateResponse(body, draft),
  openStream: openGenerateStream,
  arrayStream: true,
};
