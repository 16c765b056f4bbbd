import type { Family } from '../family.js';
import { watsonxChat, watsonxEmbeddings, watsonxGeneration } from './index.js';

const WATSONX = ['ibm.watsonx.ai'];

export const watsonx: Family = {
  title: 'IBM watsonx',
  reads: 'chat, text generation, both streams, embeddings',
  inventors: { watsonx: 'ibm.watsonx.ai' },
  hosts: [{ provider: 'ibm.watsonx.ai', ends: ['.ml.cloud.ibm.com'] }],
  routes: [
    { end: '/text/chat', format: watsonxChat, only: WATSONX },
    { end: '/text/chat_stream', format: watsonxChat, only: WATSONX },
    { end: '/text/generation', format: watsonxGeneration, only: WATSONX },
    { end: '/text/generation_stream', format: watsonxGeneration, only: WATSONX },
    { end: '/text/embeddings', format: watsonxEmbeddings, only: WATSONX },
  ],
};
