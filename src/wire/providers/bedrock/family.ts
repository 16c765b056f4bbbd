import type { Family } from '../family.js';
import { type Fields, fields, isFields, items, text } from '../json/fields.js';
import { hasMessages } from '../shapes.js';
import { bedrockConverse } from './converse/index.js';
import { bedrockInvoke } from './invoke/index.js';
import { NATIVE_FORMS } from './invoke/shapes.js';

const AWS = [
  '.amazonaws.com',
  '.amazonaws.com.cn',
  '.api.aws',
  '.amazonaws.eu',
  '.c2s.ic.gov',
  '.sc2s.sgov.gov',
  '.csp.hci.ic.gov',
];

/** Members of the answers of models that have a form of their own. */
const TEXT_ANSWERS = [
  'generation',
  'completion',
  'inputTextTokenCount',
  'embedding',
  'embeddings',
  'generations',
  'outputs',
];

/** One of AWS' event stream, whose sums were right. */
const isChunk = (event: Fields, name: string | undefined) => name === 'chunk' && typeof event.bytes === 'string';

export const bedrock: Family = {
  title: 'Amazon Bedrock',
  reads: 'Converse, InvokeModel of every family of models, both streams; mantle',
  inventors: { bedrock: 'aws.bedrock' },
  hosts: [
    { provider: 'aws.bedrock', begins: ['bedrock-runtime', 'bedrock-mantle.'], ends: AWS },
    { provider: 'aws.bedrock', begins: ['vpce-'], ends: ['.vpce.amazonaws.com'], path: '/model/' },
  ],
  routes: [
    { end: '/converse', format: bedrockConverse, contains: '/model/' },
    { end: '/converse-stream', format: bedrockConverse, contains: '/model/' },
    { end: '/invoke', format: bedrockInvoke, contains: '/model/', weak: true },
    { end: '/invoke-with-response-stream', format: bedrockInvoke, contains: '/model/', weak: true },
  ],
  shapes: [
    {
      format: bedrockInvoke,
      fits: (body, provider) =>
        provider === 'aws.bedrock' || text(body.anthropic_version)?.startsWith('bedrock') === true,
      isAnswer: body =>
        (body.type === 'message' && Array.isArray(body.content)) ||
        TEXT_ANSWERS.some(name => body[name] !== undefined) ||
        items(body.choices).length > 0,
      isEvent: isChunk,
      lookAhead: {},
    },
    ...NATIVE_FORMS.map(form => ({
      ...form,
      format: bedrockInvoke,
      isEvent: isChunk,
      lookAhead: {},
    })),
    {
      format: bedrockConverse,
      fits: hasMessages,
      isAnswer: body => isFields(fields(body.output).message) && text(body.stopReason) !== undefined,
      isEvent: (_event, name) => name === 'messageStart' || name === 'contentBlockDelta',
      lookAhead: { messages: '[', inferenceConfig: '{', toolConfig: '{' },
    },
  ],
};
