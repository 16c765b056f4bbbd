import type { Family } from '../family.js';
import { isFields } from '../json/fields.js';
import { hasMessages } from '../shapes.js';
import { bedrockConverse } from './converse/index.js';
import { bedrockInvoke } from './invoke/index.js';

const AWS = [
  '.amazonaws.com',
  '.amazonaws.com.cn',
  '.api.aws',
  '.amazonaws.eu',
  '.c2s.ic.gov',
  '.sc2s.sgov.gov',
  '.csp.hci.ic.gov',
];

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
      format: bedrockConverse,
      fits: (body, provider) => hasMessages(body) && (provider === 'aws.bedrock' || isFields(body.inferenceConfig)),
      lookAhead: { messages: '[', inferenceConfig: '{', toolConfig: '{' },
    },
  ],
};
