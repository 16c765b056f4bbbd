import type { Family } from '../family.js';
import { cohereChatV1 } from './chat-v1/index.js';
import { cohereChatV2 } from './chat-v2/index.js';
import { cohereEmbed } from './embed/index.js';
import { cohereGenerate } from './generate/index.js';

const COHERE = ['cohere'];

export const cohere: Family = {
  title: 'Cohere',
  reads: 'chat of versions 1 and 2, generate, embed',
  inventors: { cohere: 'cohere' },
  hosts: [{ provider: 'cohere', hosts: ['api.cohere.com', 'api.cohere.ai'] }],
  routes: [
    { end: '/v2/chat', format: cohereChatV2, only: COHERE },
    { end: '/v1/chat', format: cohereChatV1, only: COHERE },
    { end: '/v1/embed', format: cohereEmbed, only: COHERE },
    { end: '/v2/embed', format: cohereEmbed, only: COHERE },
    { end: '/v1/generate', format: cohereGenerate, only: COHERE },
  ],
};
