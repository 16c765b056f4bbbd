import type { Family } from '../family.js';
import { workersAi } from './index.js';

export const cloudflare: Family = {
  title: 'Cloudflare Workers AI',
  reads: 'chat, completions, Responses, embeddings, images; Cloudflare’s AI Gateway',
  inventors: { cloudflare: 'cloudflare' },
  hosts: [{ provider: 'cloudflare', hosts: ['gateway.ai.cloudflare.com'], gateway: true }],
  routes: [
    { end: '', contains: '/ai/run/@', format: workersAi },
    { end: '', contains: '/workers-ai/@', format: workersAi },
  ],
};
