import type { Family } from '../family.js';
import { text } from '../json/fields.js';
import { hasMessages } from '../shapes.js';
import { openAiSpeech, openAiTranscription } from './audio/index.js';
import { openAiChat } from './chat/index.js';
import { chatJob, chatJobLater, deferredChat } from './chat/later.js';
import { COMPATIBLE } from './compatible.js';
import { openAiCompletions } from './completions/index.js';
import { openAiEmbeddings } from './embeddings/index.js';
import { openAiImages } from './images/index.js';
import { realtimeSocket } from './realtime/index.js';
import { openAiResponses } from './responses/index.js';
import { responsesLater } from './responses/later.js';
import { responsesSocket } from './responses/socket.js';

const PERPLEXITY = ['perplexity'];

export const openAi: Family = {
  title: 'OpenAI, Azure and every compatible server',
  reads:
    'chat, Responses (HTTP and WebSocket), completions, embeddings, images, speech, transcription, Realtime; Codex; Azure OpenAI, AI Inference and Foundry',
  inventors: { openai: 'openai' },
  hosts: [
    { provider: 'openai', hosts: ['api.openai.com'], ends: ['.api.openai.com'] },
    { provider: 'openai', hosts: ['chatgpt.com'], path: '/backend-api/codex/' },
    { provider: 'azure.ai.openai', ends: ['.openai.azure.com', '.openai.azure.us', '.openai.azure.cn'] },
    { provider: 'azure.ai.openai', ends: ['.cognitiveservices.azure.com', '.services.ai.azure.com'], path: '/openai/' },
    {
      provider: 'azure.ai.inference',
      hosts: ['models.inference.ai.azure.com'],
      ends: ['.services.ai.azure.com', '.models.ai.azure.com', '.inference.ai.azure.com'],
    },
    ...COMPATIBLE,
  ],
  routes: [
    { end: '/chat/completions', format: openAiChat },
    { end: '/agents/completions', format: openAiChat },
    { end: '/v1/chat', format: openAiChat, only: ['writer'] },
    { end: '/inference:complete', format: openAiChat, only: ['snowflake'] },
    { end: '/completions', format: openAiCompletions },
    { end: '/embeddings', format: openAiEmbeddings },
    { end: '/responses', format: openAiResponses },
    { end: '/responses/compact', format: openAiResponses },
    { method: 'GET', end: '/responses', format: responsesLater, weak: true },
    { method: 'GET', end: '/chat/deferred-completion', format: deferredChat, only: ['x_ai'] },
    { end: '/async/chat/completions', format: chatJob, only: PERPLEXITY },
    { end: '/async/sonar', format: chatJob, only: PERPLEXITY },
    { method: 'GET', end: '/async/chat/completions', format: chatJobLater, only: PERPLEXITY },
    { method: 'GET', end: '/async/sonar', format: chatJobLater, only: PERPLEXITY },
    { end: '/images/generations', format: openAiImages },
    { end: '/images/edits', format: openAiImages },
    { end: '/images/variations', format: openAiImages },
    { end: '/audio/speech', format: openAiSpeech },
    { end: '/audio/transcriptions', format: openAiTranscription },
    { end: '/audio/translations', format: openAiTranscription },
  ],
  sockets: [
    { end: '/responses', format: responsesSocket },
    { end: '/realtime', format: realtimeSocket },
  ],
  shapes: [
    {
      format: openAiChat,
      fits: body => hasMessages(body) && text(body.model) !== undefined,
      lookAhead: { messages: '[', tools: '[', max_tokens: '0-9', max_completion_tokens: '0-9' },
    },
    {
      format: openAiEmbeddings,
      fits: body =>
        body.input !== undefined &&
        (body.encoding_format !== undefined || text(body.model)?.includes('embed') === true),
      lookAhead: { input: '"[', encoding_format: '"' },
    },
    {
      format: openAiResponses,
      fits: body =>
        text(body.model) !== undefined &&
        body.input !== undefined &&
        (body.instructions !== undefined || body.previous_response_id !== undefined || body.store !== undefined),
      lookAhead: { input: '"[', instructions: '"', previous_response_id: '"', tools: '[' },
    },
  ],
};
