import type { Family } from '../family.js';
import { type Fields, fields, isFields, items, text } from '../json/fields.js';
import { isInput, isSized } from '../shapes.js';
import { vectorLength } from '../vectors.js';
import { geminiEmbeddings } from './embeddings/index.js';
import { geminiGenerate } from './generate/index.js';
import { geminiInteractions, interactionsLater } from './interactions/index.js';
import { geminiLive } from './live/index.js';
import { vertexPredict } from './predict/index.js';

const hasContents = ({ contents }: Fields): boolean =>
  items(contents).some(content => fields(content).parts !== undefined) || isSized(contents);

/** Candidates, or why there are none; the command line's sign-in wraps both. */
function isGenerated(outer: Fields): boolean {
  const body = isFields(outer.response) ? outer.response : outer;
  const [candidate] = items(body.candidates);
  const says = isFields(fields(candidate).content) || fields(candidate).finishReason !== undefined;
  return says || (isFields(body.usageMetadata) && body.candidates === undefined) || isFields(body.promptFeedback);
}

export const gemini: Family = {
  title: 'Gemini and Vertex AI',
  reads:
    'generateContent as JSON, SSE and array, embeddings, predict, raw predict, Interactions, Live (WebSocket); Gemini CLI',
  inventors: { gemini: 'gcp.gemini', vertex: 'gcp.vertex_ai' },
  hosts: [
    { provider: 'gcp.gemini', hosts: ['generativelanguage.googleapis.com'] },
    { provider: 'gcp.vertex_ai', hosts: ['aiplatform.googleapis.com'], ends: ['-aiplatform.googleapis.com'] },
    { provider: 'gcp.vertex_ai', begins: ['aiplatform.'], ends: ['.rep.googleapis.com'] },
    { provider: 'gcp.gen_ai', hosts: ['cloudcode-pa.googleapis.com'] },
  ],
  routes: [
    { end: ':generateContent', format: geminiGenerate },
    { end: ':streamGenerateContent', format: geminiGenerate },
    { end: ':embedContent', format: geminiEmbeddings },
    { end: ':batchEmbedContents', format: geminiEmbeddings },
    { end: ':predict', format: vertexPredict, only: ['gcp.vertex_ai', 'gcp.gemini'] },
    {
      end: '/interactions',
      format: geminiInteractions,
      only: ['gcp.gemini', 'gcp.vertex_ai'],
      lookAhead: '/v[0-9][a-z0-9]*/interactions$',
    },
    {
      method: 'GET',
      end: '/interactions',
      format: interactionsLater,
      only: ['gcp.gemini', 'gcp.vertex_ai'],
      lookAhead: '/v[0-9][a-z0-9]*/interactions/[^/]+$',
    },
  ],
  sockets: [{ end: 'BidiGenerateContent', format: geminiLive }],
  shapes: [
    {
      format: geminiGenerate,
      fits: body => hasContents(body) || hasContents(fields(body.request)),
      isAnswer: isGenerated,
      lookAhead: { contents: '[', generationConfig: '{', systemInstruction: '{', system_instruction: '{' },
    },
    {
      format: geminiInteractions,
      fits: body =>
        (text(body.model) ?? text(body.agent)) !== undefined && (body.input ?? body.continuation_token) !== undefined,
      isAnswer: body =>
        text(body.status) !== undefined &&
        (body.object === 'interaction' || fields(body.usage).total_input_tokens !== undefined),
      isEvent: (event, name) =>
        String(event.event_type ?? event.type ?? name).startsWith('interaction.') && isFields(event.interaction),
      lookAhead: {},
    },
    {
      format: vertexPredict,
      fits: body => isInput(body.instances),
      isAnswer: body => vectorLength(fields(fields(items(body.predictions)[0]).embeddings).values) !== undefined,
      lookAhead: {},
    },
    {
      format: geminiEmbeddings,
      fits: body => isFields(body.content) || items(body.requests).length > 0 || isSized(body.requests),
      isAnswer: body => vectorLength(fields(body.embedding ?? items(body.embeddings)[0]).values) !== undefined,
      lookAhead: {},
    },
  ],
};
