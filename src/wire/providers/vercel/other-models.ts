import { isErrorBody, readError } from '../errors.js';
import type { Format } from '../format.js';
import { assign, count, fields, items } from '../json/fields.js';
import { each, keep, SIZE } from '../json/selection.js';
import { readGatewayCost } from '../stated-cost.js';
import { vectorLength } from '../vectors.js';
import { gatewayModel } from './language-model.js';

/** Embeddings and images by the AI SDK's own protocol. */

export const vercelEmbeddingModel: Format = {
  name: 'vercel.embedding-model',
  operation: 'embeddings',
  requestFields: () => ({ values: SIZE, input: SIZE }),
  responseFields: () => ({ ...keep('usage', 'providerMetadata', 'error'), embeddings: each(SIZE) }),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && (body.values ?? body.input) !== undefined,
  readRequest(_body, draft, heads) {
    assign(draft.request, { model: gatewayModel(heads) });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    assign(draft.response, { embeddingDimensions: vectorLength(items(body.embeddings)[0]) });
    draft.addUsage({ inputTokens: count(fields(body.usage).tokens) });
    readGatewayCost(body.providerMetadata, draft);
  },
};

export const vercelImageModel: Format = {
  name: 'vercel.image-model',
  operation: 'image_generation',
  requestFields: () => keep('prompt', 'n'),
  responseFields: () => ({ ...keep('usage', 'providerMetadata', 'error'), images: each(SIZE) }),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && body.prompt !== undefined,
  readRequest(body, draft, heads) {
    assign(draft.request, { model: gatewayModel(heads), choiceCount: count(body.n), outputType: 'image' });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    for (const [index] of items(body.images).entries()) draft.choice(index);
    const usage = fields(body.usage);
    draft.addUsage({ inputTokens: count(usage.inputTokens), outputTokens: count(usage.outputTokens) });
    readGatewayCost(body.providerMetadata, draft);
  },
};
