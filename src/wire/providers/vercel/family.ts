import type { Family } from '../family.js';
import {
  vercelDecisionModel,
  vercelRerankingModel,
  vercelSpeechModel,
  vercelTranscriptionModel,
} from './further-models.js';
import { vercelLanguageModel } from './language-model.js';
import { vercelEmbeddingModel, vercelImageModel } from './other-models.js';

export const vercel: Family = {
  title: 'Vercel’s AI Gateway',
  reads:
    'language, embedding, image, decision, reranking, speech and transcription models in the AI SDK’s own protocol; the model is in a header',
  inventors: { vercel: 'vercel' },
  hosts: [{ provider: 'vercel', hosts: ['ai-gateway.vercel.sh'], gateway: true }],
  routes: [
    { end: '/ai/language-model', format: vercelLanguageModel },
    { end: '/ai/embedding-model', format: vercelEmbeddingModel },
    { end: '/ai/image-model', format: vercelImageModel },
    { end: '/ai/decision-model', format: vercelDecisionModel },
    { end: '/ai/reranking-model', format: vercelRerankingModel },
    { end: '/ai/speech-model', format: vercelSpeechModel },
    { end: '/ai/transcription-model', format: vercelTranscriptionModel },
  ],
};
