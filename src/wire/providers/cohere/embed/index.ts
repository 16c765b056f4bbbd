import type { Format } from '../../format.js';
import { assign, count, fields, identifier, isFields, items, text, texts } from '../../json/fields.js';
import { each, keep, SIZE } from '../../json/selection.js';
import { vectorLength } from '../../vectors.js';
import { readCohereUsage } from '../usage.js';

/** Vectors of one embedding under the name of each asked-for type; version 1 gives them bare. */
const FLOATS = ['float', 'int8', 'uint8', 'base64'];

export const cohereEmbed: Format = {
  name: 'cohere.embed',
  operation: 'embeddings',
  requestFields: () => ({
    ...keep('model', 'embedding_types', 'output_dimension'),
    texts: SIZE,
    inputs: SIZE,
    images: SIZE,
  }),
  responseFields: () => ({
    ...keep('id', 'meta', 'message'),
    embeddings: { ...each(SIZE), ...Object.fromEntries(FLOATS.map(name => [name, each(SIZE)])) },
  }),
  isRequest: body => text(body.model) !== undefined && (body.texts ?? body.inputs ?? body.images) !== undefined,
  readRequest(body, draft) {
    assign(draft.request, {
      model: text(body.model),
      encodingFormats: texts(body.embedding_types),
      dimensions: count(body.output_dimension),
    });
  },
  readResponse(body, draft) {
    const { embeddings } = body;
    const vectors = isFields(embeddings)
      ? FLOATS.map(name => items(fields(embeddings)[name])[0]).find(each => each !== undefined)
      : items(embeddings)[0];
    assign(draft.response, { id: identifier(body.id), embeddingDimensions: vectorLength(vectors) });
    readCohereUsage(body.meta, draft);
  },
};
