import type { Family } from '../family.js';
import { openAiEmbeddings } from '../openai/embeddings/index.js';
import { rerank as format } from './index.js';

export const rerank: Family = {
  title: 'Voyage, Jina and rerank',
  reads: 'documents ordered by relevance, of Cohere, Voyage, Jina and others; Voyage’s own embeddings',
  hosts: [
    { provider: 'voyageai', hosts: ['api.voyageai.com'] },
    { provider: 'jina', hosts: ['api.jina.ai'] },
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
