import type { Family } from '../family.js';
import { type Fields, isFields, items, text } from '../json/fields.js';
import { hasMessages, isInput } from '../shapes.js';
import { vectorLength } from '../vectors.js';
import { ollamaChat, ollamaEmbeddings, ollamaGenerate } from './index.js';

/** Every line says when it was made, and whether it is the last. */
const isStep = (body: Fields): boolean => typeof body.done === 'boolean' && text(body.created_at) !== undefined;

export const ollama: Family = {
  title: 'Ollama',
  reads: 'chat, generate, embeddings',
  inventors: { ollama: 'ollama' },
  hosts: [{ provider: 'ollama', hosts: ['ollama.com'] }],
  ports: { 11434: 'ollama' },
  shapes: [
    {
      format: ollamaChat,
      fits: hasMessages,
      isAnswer: body => isFields(body.message) && isStep(body),
      lookAhead: { messages: '[' },
    },
    {
      format: ollamaGenerate,
      fits: body => isInput(body.prompt),
      isAnswer: body => typeof body.response === 'string' && isStep(body),
      lookAhead: {},
    },
    {
      format: ollamaEmbeddings,
      fits: body => text(body.model) !== undefined && isInput(body.input ?? body.prompt),
      isAnswer: body => vectorLength(body.embedding ?? items(body.embeddings)[0]) !== undefined,
      lookAhead: {},
    },
  ],
  routes: [
    { end: '/api/chat', format: ollamaChat, weak: true },
    { end: '/api/generate', format: ollamaGenerate, weak: true },
    { end: '/api/embed', format: ollamaEmbeddings, weak: true },
    { end: '/api/embeddings', format: ollamaEmbeddings, weak: true },
  ],
};
