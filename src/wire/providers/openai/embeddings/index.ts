import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, count, fields, identifier, items, text, texts } from '../../json/fields.js';
import { each, keep, type SelectedMembers, SIZE } from '../../json/selection.js';
import { namesModel } from '../../path-model.js';
import { readGatewayCost, readStatedCost } from '../../stated-cost.js';
import { vectorLength } from '../../vectors.js';

/** Embeddings of OpenAI, and of Mistral, Voyage and others that copy the form. */

const REQUEST: SelectedMembers = {
  ...keep('model', 'encoding_format', 'dimensions', 'output_dimension', 'output_dtype'),
  input: SIZE,
};

const RESPONSE: SelectedMembers = {
  ...keep(
    'id',
    'object',
    'model',
    'usage',
    'error',
    'message',
    'type',
    'code',
    'detail',
    'provider_metadata',
    'providerMetadata',
  ),
  // Several vectors of one text: Jina's models that compare word by word.
  data: each({ embedding: SIZE, embeddings: each(SIZE) }),
};

export const openAiEmbeddings: Format = {
  name: 'openai.embeddings',
  operation: 'embeddings',
  requestFields: () => REQUEST,
  responseFields: () => RESPONSE,
  isRequest: (body, heads) => namesModel(body, heads) && body.input !== undefined && body.input !== null,
  readRequest(body, draft) {
    assign(draft.request, {
      model: text(body.model),
      encodingFormats: texts(body.encoding_format),
      dimensions: count(body.dimensions) ?? count(body.output_dimension),
    });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    const first = fields(items(body.data)[0]);
    assign(draft.response, {
      id: identifier(body.id),
      model: text(body.model),
      embeddingDimensions: vectorLength(first.embedding ?? items(first.embeddings)[0]),
    });
    const usage = fields(body.usage);
    // Voyage counts only a total, which for embeddings is the input.
    draft.addUsage({
      inputTokens: count(usage.prompt_tokens) ?? count(usage.input_tokens) ?? count(usage.total_tokens),
    });
    readStatedCost(usage, draft);
    readGatewayCost(body.provider_metadata ?? body.providerMetadata, draft);
  },
};
