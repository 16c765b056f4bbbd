import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, count, fields, items, sum } from '../../json/fields.js';
import { each, KEEP, keep, SIZE } from '../../json/selection.js';
import { vectorLength } from '../../vectors.js';
import { pathModel } from '../generate/request.js';

/** Vertex `:predict`: one method for text embeddings and for Imagen; the model's name tells which. */
export const vertexPredict: Format = {
  name: 'vertex.predict',
  requestFields: () => ({ instances: SIZE, parameters: keep('outputDimensionality', 'sampleCount') }),
  responseFields: () => ({
    ...keep('error', 'metadata'),
    predictions: each({ embeddings: { values: SIZE, statistics: KEEP } }),
  }),
  isRequest: body => body.instances !== undefined,
  readRequest(body, draft, heads) {
    const model = pathModel(heads.path);
    const parameters = fields(body.parameters);
    assign(draft.request, {
      model,
      dimensions: count(parameters.outputDimensionality),
      choiceCount: count(parameters.sampleCount),
    });
    if (model?.includes('embed')) draft.operation = 'embeddings';
    else if (model?.startsWith('imagen')) {
      draft.operation = 'image_generation';
      draft.request.outputType = 'image';
    } else if (model !== undefined) draft.isNoCall = true; // a model of the customer's own: forecasts, classifiers
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    const embeddings = items(body.predictions).map(prediction => fields(fields(prediction).embeddings));
    assign(draft.response, { embeddingDimensions: vectorLength(embeddings[0]?.values) });
    // Behind a gateway the model's name may be nowhere.
    if (draft.request.model === undefined) {
      if (draft.response.embeddingDimensions === undefined) draft.isNoCall = true;
      else draft.operation = 'embeddings';
    }
    draft.addUsage({
      inputTokens: sum(...embeddings.map(embedding => count(fields(embedding.statistics).token_count))),
    });
  },
};
