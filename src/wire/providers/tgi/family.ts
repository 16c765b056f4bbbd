import type { Family } from '../family.js';
import { huggingFaceEmbeddings, tgiGenerate } from './index.js';

const HUGGING_FACE = ['huggingface'];

export const tgi: Family = {
  title: 'Text Generation Inference, Hugging Face',
  reads: 'generate and its stream, feature extraction',
  hosts: [
    {
      provider: 'huggingface',
      hosts: ['router.huggingface.co', 'api-inference.huggingface.co'],
      ends: ['.endpoints.huggingface.cloud'],
    },
  ],
  routes: [
    { end: '/generate', format: tgiGenerate, weak: true },
    { end: '/generate_stream', format: tgiGenerate, weak: true },
    { end: '/pipeline/feature-extraction', format: huggingFaceEmbeddings, only: HUGGING_FACE },
    { end: '/', format: tgiGenerate, only: HUGGING_FACE, lookAhead: '' },
  ],
};
