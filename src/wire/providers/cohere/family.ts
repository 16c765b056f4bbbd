import type { Family } from '../family.js';
import { fields, isFields, items, text } from '../json/fields.js';
import { hasMessages, isInput } from '../shapes.js';
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
  shapes: [
    {
      format: cohereChatV2,
      fits: hasMessages,
      isAnswer: body =>
        isFields(body.message) && text(body.finish_reason) !== undefined && isFields(fields(body.usage).billed_units),
      isEvent: event => event.type === 'message-start' || event.type === 'content-delta',
      lookAhead: { messages: '[' },
    },
    {
      format: cohereChatV1,
      fits: body => text(body.message) !== undefined || isFields(body.message),
      isAnswer: body => text(body.generation_id) !== undefined && isFields(fields(body.meta).billed_units),
      isEvent: event => event.event_type === 'stream-start' && text(event.generation_id) !== undefined,
      lookAhead: {},
    },
    {
      format: cohereGenerate,
      fits: body => isInput(body.prompt),
      isAnswer: body =>
        typeof fields(items(body.generations)[0]).text === 'string' && isFields(fields(body.meta).billed_units),
      isEvent: event => typeof event.is_finished === 'boolean' && typeof event.text === 'string',
      lookAhead: {},
    },
    {
      format: cohereEmbed,
      fits: body => isInput(body.texts) || isInput(body.inputs) || isInput(body.images),
      isAnswer: body => body.embeddings !== undefined && isFields(fields(body.meta).billed_units),
      lookAhead: {},
    },
  ],
  routes: [
    { end: '/v2/chat', format: cohereChatV2, only: COHERE },
    { end: '/v1/chat', format: cohereChatV1, only: COHERE },
    { end: '/v1/embed', format: cohereEmbed, only: COHERE },
    { end: '/v2/embed', format: cohereEmbed, only: COHERE },
    { end: '/v1/generate', format: cohereGenerate, only: COHERE },
  ],
};
