import type { Family } from '../family.js';
import { fields, items, text } from '../json/fields.js';
import { openAiEmbeddings } from '../openai/embeddings/index.js';
import { isInput } from '../shapes.js';
import { rerank as format } from './index.js';

export const rerank: Family = {
  title: 'Voyage, Jina and rerank',
  reads: 'documents ordered by relevance, of Cohere, Voyage, Jina and others; Voyage’s own embeddings',
  hosts: [
    { provider: 'voyageai', hosts: ['api.voyageai.com'] },
    { provider: 'jina', hosts: ['api.jina.ai'] },
  ],
  shapes: [
    {
      format,
      fits: body => text(body.model) !== undefined && isInput(body.documents) && isInput(body.query),
      isAnswer: body => typeof fields(items(body.results ?? body.data)[0]).relevance_score === 'number',
      lookAhead: {},
    },
  ],
  routes: [
    {
      end: '/rerank',
      format,
      only: ['cohere', 'voyageai', 'jina', 'together', 'nvidia', 'fireworks', 'deepinfra', 'openrouter'],
    },
    { end: '/multimodalembeddings', format: openAiEmbeddings, only: ['voyageai'] },
    { end: '/contextualizedembeddings', format: openAiEmbeddings, only: ['voyageai'] },
  ],
};
