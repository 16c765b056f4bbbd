import type { Family } from '../family.js';
import { text } from '../json/fields.js';
import { hasMessages, isInput } from '../shapes.js';
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
    { end: '/messages', contains: '/presets/', format: anthropicMessages, only: ['openrouter'] },
    { end: '/v1/complete', format: anthropicComplete, only: ['anthropic'] },
    { end: ':rawPredict', format: vertexRawPredict },
    { end: ':streamRawPredict', format: vertexRawPredict },
  ],
  shapes: [
    {
      format: anthropicComplete,
      fits: body => isInput(body.prompt) && body.max_tokens_to_sample !== undefined,
      isAnswer: body => typeof body.completion === 'string' && body.stop_reason !== undefined,
      lookAhead: { max_tokens_to_sample: '0-9' },
    },
    {
      format: anthropicMessages,
      // Gateways fill in what the API itself demands.
      fits: hasMessages,
      isAnswer: body => body.type === 'message' && Array.isArray(body.content) && text(body.model) !== undefined,
      isEvent: event => event.type === 'message_start' || String(event.type).startsWith('content_block_'),
      lookAhead: { messages: '[', anthropic_version: '"', max_tokens: '0-9' },
    },
  ],
};
