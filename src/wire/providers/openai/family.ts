import type { Family } from '../family.js';
import { type Fields, fields, isFields, items, number, text } from '../json/fields.js';
import { hasMessages, isInput } from '../shapes.js';
import { vectorLength } from '../vectors.js';
import { openAiSpeech, openAiTranscription } from './audio/index.js';
import { openAiChat } from './chat/index.js';
import { chatJob, chatJobLater, deferredChat } from './chat/later.js';
import { COMPATIBLE } from './compatible.js';
import { openAiCompletions } from './completions/index.js';
import { openAiDecisions } from './decisions/index.js';
import { openAiEmbeddings } from './embeddings/index.js';
import { openAiImages } from './images/index.js';
import { liveSocket } from './live/index.js';
import { realtimeSocket } from './realtime/index.js';
import { isResponsesRequest, openAiResponses } from './responses/index.js';
import { responsesLater } from './responses/later.js';
import { responsesSocket } from './responses/socket.js';

const firstChoice = (body: Fields): Fields => fields(items(body.choices)[0]);

const PERPLEXITY = ['perplexity'];

export const openAi: Family = {
  title: 'OpenAI, Azure and every compatible server',
  reads:
    'chat, Responses (HTTP and WebSocket), completions, embeddings, images, speech, transcription, decisions, Realtime, Live; Codex; Azure OpenAI, AI Inference and Foundry',
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
    { end: '/images', format: openAiImages, only: ['openrouter'], lookAhead: '/v[0-9][a-z0-9]*/images$' },
    { end: '/images/edits', format: openAiImages },
    { end: '/images/variations', format: openAiImages },
    { end: '/audio/speech', format: openAiSpeech },
    { end: '/audio/transcriptions', format: openAiTranscription },
    { end: '/audio/translations', format: openAiTranscription },
    {
      end: '/decisions',
      format: openAiDecisions,
      only: ['openai', 'openrouter', 'azure.ai.openai'],
      lookAhead: '/(?:v[0-9][a-z0-9]*|alpha)/decisions$',
    },
  ],
  sockets: [
    { end: '/responses', format: responsesSocket },
    { end: '/realtime', format: realtimeSocket },
    { end: '/live/sessions', format: liveSocket },
    { end: '/fork', contains: '/live/sessions/', format: liveSocket },
  ],
  shapes: [
    {
      format: openAiChat,
      // Behind a gateway a deployment's model may be nowhere in the request.
      fits: hasMessages,
      // What Azure filtered is a choice without a message, or an error, now and then with the status 200.
      isAnswer: body =>
        isFields(firstChoice(body).message) ||
        (body.object === 'chat.completion' && items(body.choices).length > 0) ||
        isFields(fields(fields(body.error).innererror).content_filter_result),
      isEvent: event => isFields(firstChoice(event).delta),
      lookAhead: { messages: '[', tools: '[', max_tokens: '0-9', max_completion_tokens: '0-9' },
    },
    {
      format: openAiEmbeddings,
      fits: body => isInput(body.input) || isInput(body.inputs),
      isAnswer: body => vectorLength(fields(items(body.data)[0]).embedding) !== undefined,
      lookAhead: { input: '"[', encoding_format: '"' },
    },
    {
      format: openAiResponses,
      // Behind API management the model may be the gateway's affair.
      fits: body => isResponsesRequest(body) || isInput(body.input),
      isAnswer: body =>
        (body.object === 'response' && text(body.status) !== undefined) || body.object === 'response.compaction',
      isEvent: event => String(event.type).startsWith('response.'),
      lookAhead: { input: '"[', instructions: '"', previous_response_id: '"', tools: '[' },
    },
    {
      format: openAiImages,
      fits: body => text(body.model) !== undefined && text(body.prompt) !== undefined,
      isAnswer: body =>
        number(body.created) !== undefined &&
        items(body.data).some(each => fields(each).b64_json !== undefined || text(fields(each).url) !== undefined),
      lookAhead: {},
    },
    {
      format: openAiDecisions,
      fits: body =>
        text(body.model) !== undefined &&
        (isInput(body.questions) || isFields(body.questions)) &&
        (body.input ?? body.state) !== undefined,
      isAnswer: body =>
        text(body.model) !== undefined &&
        (items(body.answers).length > 0 || isFields(body.answers)) &&
        fields(body.usage).input_tokens !== undefined,
      lookAhead: {},
    },
    {
      format: openAiCompletions,
      fits: body => isInput(body.prompt),
      // Fill-in-the-middle is answered in the form of chat.
      isAnswer: body =>
        text(body.model) !== undefined &&
        (typeof firstChoice(body).text === 'string' || isFields(firstChoice(body).message)),
      isEvent: event =>
        text(event.model) !== undefined &&
        (typeof firstChoice(event).text === 'string' || isFields(firstChoice(event).delta)),
      lookAhead: {},
    },
    {
      format: openAiCompletions,
      // Writer streams bare values.
      fits: body => text(body.model) !== undefined && isInput(body.prompt) && body.stream === true,
      isAnswer: () => false,
      isEvent: event => typeof event.value === 'string' && Object.keys(event).length === 1,
      lookAhead: {},
    },
  ],
};
