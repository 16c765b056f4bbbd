import { isErrorBody, readError } from '../errors.js';
import type { Format } from '../format.js';
import { assign, count, fields, identifier, text } from '../json/fields.js';
import { each, keep, SIZE } from '../json/selection.js';
import { readStatedCost } from '../stated-cost.js';

/** Documents ordered by relevance: Cohere, Voyage, Jina and others, one form. */
export const rerank: Format = {
  name: 'rerank',
  operation: 'rerank',
  requestFields: () => ({ model: 'keep', documents: SIZE, query: SIZE }),
  responseFields: () => ({
    ...keep('id', 'model', 'usage', 'meta', 'error', 'message'),
    results: each(keep('relevance_score')),
    data: each(keep('relevance_score')),
  }),
  isRequest: body => text(body.model) !== undefined && body.documents !== undefined && body.query !== undefined,
  readRequest(body, draft) {
    assign(draft.request, { model: text(body.model) });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    assign(draft.response, { id: identifier(body.id), model: text(body.model) });
    const usage = fields(body.usage);
    draft.addUsage({
      inputTokens:
        count(usage.prompt_tokens) ?? count(usage.total_tokens) ?? count(fields(fields(body.meta).tokens).input_tokens),
    });
    readStatedCost(usage, draft);
  },
};
