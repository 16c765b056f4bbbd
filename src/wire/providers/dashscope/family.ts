import type { Family } from '../family.js';
import { dashscopeEmbeddings, dashscopeGeneration } from './index.js';

export const dashscope: Family = {
  title: 'Alibaba’s DashScope',
  reads: 'text and multimodal generation, speech, embeddings',
  inventors: { dashscope: 'dashscope' },
  hosts: [
    {
      provider: 'dashscope',
      hosts: ['dashscope.aliyuncs.com', 'dashscope-intl.aliyuncs.com', 'dashscope-us.aliyuncs.com'],
    },
  ],
  routes: [
    { end: '/aigc/text-generation/generation', format: dashscopeGeneration },
    { end: '/aigc/multimodal-generation/generation', format: dashscopeGeneration },
    { end: '/embeddings/text-embedding/text-embedding', format: dashscopeEmbeddings },
  ],
};
