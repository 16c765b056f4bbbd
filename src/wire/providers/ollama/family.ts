import type { Family } from '../family.js';
import { ollamaChat, ollamaEmbeddings, ollamaGenerate } from './index.js';

export const ollama: Family = {
  title: 'Ollama',
  reads: 'chat, generate, embeddings',
  inventors: { ollama: 'ollama' },
  hosts: [{ provider: 'ollama', hosts: ['ollama.com'] }],
  ports: { 11434: 'ollama' },
  routes: [
    { end: '/api/chat', format: ollamaChat, weak: true },
    { end: '/api/generate', format: ollamaGenerate, weak: true },
    { end: '/api/embed', format: ollamaEmbeddings, weak: true },
    { end: '/api/embeddings', format: ollamaEmbeddings, weak: true },
  ],
};
