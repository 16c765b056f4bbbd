import type { Family } from '../family.js';
import { isFields } from '../json/fields.js';
import { isInput } from '../shapes.js';
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
  shapes: [
    {
      format: tgiGenerate,
      fits: body => isInput(body.inputs),
      isAnswer: body => typeof body.generated_text === 'string' && isFields(body.details),
      isEvent: event => isFields(event.token) && 'generated_text' in event,
      lookAhead: {},
    },
  ],
  routes: [
    { end: '/generate', format: tgiGenerate, weak: true },
    { end: '/generate_stream', format: tgiGenerate, weak: true },
    { end: '/pipeline/feature-extraction', format: huggingFaceEmbeddings, only: HUGGING_FACE },
    { end: '/', format: tgiGenerate, only: HUGGING_FACE, lookAhead: '' },
  ],
};
