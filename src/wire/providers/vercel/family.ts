import type { Family } from '../family.js';
import { vercelLanguageModel } from './language-model.js';
import { vercelEmbeddingModel, vercelImageModel } from './other-models.js';

export const vercel: Family = {
  title: 'Vercel’s AI Gateway',
  reads: 'language, embedding and image models in the AI SDK’s own protocol; the model is in a header',
  inventors: { vercel: 'vercel' },
  hosts: [{ provider: 'vercel', hosts: ['ai-gateway.vercel.sh'], gateway: true }],
  routes: [
    { end: '/ai/language-model', format: vercelLanguageModel },
    { end: '/ai/embedding-model', format: vercelEmbeddingModel },
    { end: '/ai/image-model', format: vercelImageModel },
  ],
};
