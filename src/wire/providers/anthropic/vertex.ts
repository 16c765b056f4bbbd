import type { Format } from '../format.js';
import { pathModel } from '../gemini/generate/request.js';
import { assign } from '../json/fields.js';
import { merge } from '../json/selection.js';
import { openAiChat } from '../openai/chat/index.js';
import { anthropicMessages } from './messages/index.js';

/** Publishers' own bodies on Vertex (`:rawPredict`): the model is in the path, and its publisher decides the form. */
function formatOf(path: string): Format {
  return path.includes('/publishers/anthropic/') ? anthropicMessages : openAiChat;
}

export const vertexRawPredict: Format = {
  name: 'vertex.raw-predict',
  operation: 'chat',
  requestFields: content => merge(anthropicMessages.requestFields(content), openAiChat.requestFields(content)),
  responseFields: content => merge(anthropicMessages.responseFields(content), openAiChat.responseFields(content)),
  isRequest: body => body.messages !== undefined,
  readRequest(body, draft, heads) {
    formatOf(heads.path).readRequest(body, draft, heads);
    const model = pathModel(heads.path);
    assign(draft.request, { model, stream: heads.path.endsWith(':streamRawPredict') ? true : undefined });
    // The count of tokens is a method that looks like a model.
    if (model === 'count-tokens') draft.isNoCall = true;
  },
  readResponse: (body, draft, heads) => formatOf(heads.path).readResponse(body, draft, heads),
  openStream: (draft, heads) => formatOf(heads.path).openStream!(draft, heads),
};
