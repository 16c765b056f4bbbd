import type { Family } from '../family.js';
import { fields, isFields, items, text } from '../json/fields.js';
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
  shapes: [
    {
      format: dashscopeGeneration,
      fits: body => text(body.model) !== undefined && isFields(body.input),
      isAnswer: ({ output, request_id: id }) =>
        text(id) !== undefined &&
        (isFields(fields(items(fields(output).choices)[0]).message) || typeof fields(output).text === 'string'),
      lookAhead: {},
    },
    {
      format: dashscopeEmbeddings,
      fits: body => text(body.model) !== undefined && isFields(body.input),
      isAnswer: ({ output }) => fields(items(fields(output).embeddings)[0]).embedding !== undefined,
      lookAhead: {},
    },
  ],
  routes: [
    { end: '/aigc/text-generation/generation', format: dashscopeGeneration },
    { end: '/aigc/multimodal-generation/generation', format: dashscopeGeneration },
    { end: '/embeddings/text-embedding/text-embedding', format: dashscopeEmbeddings },
  ],
};
