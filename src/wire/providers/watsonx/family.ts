import type { Family } from '../family.js';
import { fields, isFields, items, text } from '../json/fields.js';
import { hasMessages, isInput } from '../shapes.js';
import { watsonxChat, watsonxEmbeddings, watsonxGeneration } from './index.js';

const WATSONX = ['ibm.watsonx.ai'];

export const watsonx: Family = {
  title: 'IBM watsonx',
  reads: 'chat, text generation, both streams, embeddings',
  inventors: { watsonx: 'ibm.watsonx.ai' },
  hosts: [{ provider: 'ibm.watsonx.ai', ends: ['.ml.cloud.ibm.com'] }],
  shapes: [
    {
      format: watsonxChat,
      fits: body => hasMessages(body) && text(body.model_id) !== undefined,
      isAnswer: body => isFields(fields(items(body.choices)[0]).message),
      isEvent: event => isFields(fields(items(event.choices)[0]).delta),
      lookAhead: { messages: '[' },
    },
    {
      format: watsonxGeneration,
      fits: body => isInput(body.input) && text(body.model_id) !== undefined,
      isAnswer: body => typeof fields(items(body.results)[0]).generated_text === 'string',
      lookAhead: {},
    },
  ],
  routes: [
    { end: '/text/chat', format: watsonxChat, only: WATSONX },
    { end: '/text/chat_stream', format: watsonxChat, only: WATSONX },
    { end: '/text/generation', format: watsonxGeneration, only: WATSONX },
    { end: '/text/generation_stream', format: watsonxGeneration, only: WATSONX },
    { end: '/text/embeddings', format: watsonxEmbeddings, only: WATSONX },
  ],
};
