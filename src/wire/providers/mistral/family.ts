import type { Family } from '../family.js';
import { isInput } from '../shapes.js';
import { mistralConversations } from './conversations/index.js';

export const mistral: Family = {
  title: 'Mistral',
  reads: 'conversations; chat, fill-in-the-middle and agents are OpenAI’s form',
  inventors: { mistral: 'mistral_ai' },
  hosts: [
    {
      provider: 'mistral_ai',
      hosts: ['api.mistral.ai', 'codestral.mistral.ai'],
      begins: ['api.'],
      ends: ['.mistral.ai'],
    },
  ],
  shapes: [
    {
      format: mistralConversations,
      fits: body => isInput(body.inputs),
      isAnswer: body => body.object === 'conversation.response',
      isEvent: event => event.type === 'conversation.response.started',
      lookAhead: {},
    },
  ],
  routes: [
    { end: '/v1/conversations', format: mistralConversations, only: ['mistral_ai'] },
    // A conversation goes on, or again from one of its entries.
    { end: '', contains: '/v1/conversations/', format: mistralConversations, only: ['mistral_ai'] },
  ],
};
