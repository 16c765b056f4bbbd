import type { Family } from '../family.js';
import { text } from '../json/fields.js';
import { hasMessages } from '../shapes.js';
import { anthropicComplete } from './complete.js';
import { anthropicMessages } from './messages/index.js';
import { vertexRawPredict } from './vertex.js';

export const anthropic: Family = {
  title: 'Anthropic',
  reads: 'Messages, on its own API, on Bedrock, Vertex and Foundry; the legacy text completions; Claude Code',
  inventors: { anthropic: 'anthropic' },
  hosts: [
    { provider: 'anthropic', hosts: ['api.anthropic.com', 'claude.googleapis.com'] },
    { provider: 'anthropic', begins: ['aws-external-anthropic.'], ends: ['.api.aws'] },
    { provider: 'anthropic', ends: ['.services.ai.azure.com'], path: '/anthropic/' },
  ],
  routes: [
    { end: '/v1/messages', format: anthropicMessages },
    { end: '/v1/complete', format: anthropicComplete, only: ['anthropic'] },
    { end: ':rawPredict', format: vertexRawPredict },
    { end: ':streamRawPredict', format: vertexRawPredict },
  ],
  shapes: [
    {
      format: anthropicMessages,
      fits: (body, provider) =>
        hasMessages(body) &&
        (provider === 'anthropic' ||
          text(body.anthropic_version) !== undefined ||
          (body.max_tokens !== undefined && body.system !== undefined && text(body.model) !== undefined)),
      lookAhead: { messages: '[', anthropic_version: '"', max_tokens: '0-9' },
    },
  ],
};
