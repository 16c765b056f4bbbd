import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, count, fields, items, text } from '../../json/fields.js';
import { each, keep, SIZE } from '../../json/selection.js';
import { vectorLength } from '../../vectors.js';
import { pathModel } from '../generate/request.js';
import { bothNames, member, modelName } from '../names.js';

/** embedContent and batchEmbedContents. */
export const geminiEmbeddings: Format = {
  name: 'gemini.embeddings',
  operation: 'embeddings',
  requestFields: () => ({
    ...bothNames({ outputDimensionality: 'keep' }),
    model: 'keep',
    content: SIZE,
    requests: each(keep('model')),
  }),
  responseFields: () => ({
    ...keep('usageMetadata', 'error'),
    embedding: { values: SIZE },
    embeddings: each({ values: SIZE }),
  }),
  isRequest: body => body.content !== undefined || body.requests !== undefined,
  readRequest(body, draft, heads) {
    assign(draft.request, {
      model: pathModel(heads.path) ?? modelName(body.model) ?? modelName(fields(items(body.requests)[0]).model),
      dimensions: count(member(body, 'outputDimensionality')),
    });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    const first = fields(body.embedding ?? items(body.embeddings)[0]);
    assign(draft.response, { embeddingDimensions: vectorLength(first.values), model: text(body.modelVersion) });
    draft.addUsage({ inputTokens: count(fields(body.usageMetadata).promptTokenCount) });
  },
};
