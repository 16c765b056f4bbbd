import type { Family } from '../family.js';
import { fields, items } from '../json/fields.js';
import { isSized } from '../shapes.js';
import { geminiEmbeddings } from './embeddings/index.js';
import { geminiGenerate } from './generate/index.js';
import { geminiInteractions, interactionsLater } from './interactions/index.js';
import { geminiLive } from './live/index.js';
import { vertexPredict } from './predict/index.js';

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
      fits: body => items(body.contents).some(content => fields(content).parts !== undefined) || isSized(body.contents),
      lookAhead: { contents: '[', generationConfig: '{', systemInstruction: '{', system_instruction: '{' },
    },
  ],
};
