/**
 * Gemini's and Vertex AI's services as their clients speak gRPC to them (google-generativeai, vertexai, the Go and Java
 * clients). The messages are the same as in JSON, under numbers that differ between the two.
 * Source: the descriptions in google-ai-generativelanguage 0.12 and google-cloud-aiplatform 2.7 (Apache-2.0).
 */
import type { Fields } from '../json/fields.js';
import { type Description, field, many, STRUCT, structOf } from './protobuf.js';

/** Where the two count apart, the number of each. */
type Numbers<Name extends string> = Readonly<Record<Name, number>>;

const BLOB: Description = { 1: field('mimeType', 'text'), 2: field('data', 'bytes') };
const FILE: Description = { 1: field('mimeType', 'text'), 2: field('fileUri', 'text') };
const CODE: Description = { 1: field('language', 'int'), 2: field('code', 'text') };
const RESULT: Description = { 1: field('outcome', 'int'), 2: field('output', 'text') };
const CALL: Description = {
  1: field('name', 'text'),
  2: field('args', () => STRUCT, structOf),
  3: field('id', 'text'),
};
const ANSWER: Description = {
  1: field('name', 'text'),
  2: field('response', () => STRUCT, structOf),
  3: field('id', 'text'),
};
const DETAIL: Description = { 1: field('modality', 'int'), 2: field('tokenCount', 'int') };

const TYPES = [undefined, 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'];

/** The form that its JSON has: words for types, properties by their names. */
function schemaOf({ type, properties, ...rest }: Fields): Fields {
  const entries = (properties as Fields[] | undefined)?.map(({ key, value }) => [key, value]);
  return {
    ...(type === undefined ? {} : { type: TYPES[type as number] ?? type }),
    ...rest,
    ...(entries === undefined ? {} : { properties: Object.fromEntries(entries) }),
  };
}

const schema = (at: Numbers<'description' | 'items' | 'properties' | 'required'>): Description => {
  const own: Description = {
    1: field('type', 'int'),
    [at.description]: field('description', 'text'),
    [at.items]: field('items', () => own, schemaOf),
    [at.properties]: many('properties', () => ({ 1: field('key', 'text'), 2: field('value', () => own, schemaOf) })),
    [at.required]: many('required', 'text'),
  };
  return own;
};

const tools = (parameters: Description): Description => ({
  1: many('functionDeclarations', () => ({
    1: field('name', 'text'),
    2: field('description', 'text'),
    3: field('parameters', () => parameters, schemaOf),
  })),
});

const generation = (
  at: Numbers<
    'outputs' | 'temperature' | 'topP' | 'topK' | 'stop' | 'candidates' | 'mime' | 'presence' | 'frequency' | 'seed'
  >,
): Description => ({
  [at.candidates]: field('candidateCount', 'int'),
  [at.stop]: many('stopSequences', 'text'),
  [at.outputs]: field('maxOutputTokens', 'int'),
  [at.temperature]: field('temperature', 'float'),
  [at.topP]: field('topP', 'float'),
  // A whole number at Gemini, a fraction at Vertex AI: the wire says which.
  [at.topK]: field('topK', 'float'),
  [at.mime]: field('responseMimeType', 'text'),
  [at.presence]: field('presencePenalty', 'float'),
  [at.frequency]: field('frequencyPenalty', 'float'),
  [at.seed]: field('seed', 'int'),
});

const feedback: Description = { 1: field('blockReason', 'int') };

export interface GoogleService {
  readonly request: Description;
  readonly response: Description;
}

const geminiPart: Description = {
  2: field('text', 'text'),
  3: field('inlineData', () => BLOB),
  4: field('functionCall', () => CALL),
  5: field('functionResponse', () => ANSWER),
  6: field('fileData', () => FILE),
  9: field('executableCode', () => CODE),
  10: field('codeExecutionResult', () => RESULT),
  11: field('thought', 'bool'),
};
const geminiContent: Description = { 1: many('parts', () => geminiPart), 2: field('role', 'text') };

export const GEMINI: GoogleService = {
  request: {
    1: field('model', 'text'),
    2: many('contents', () => geminiContent),
    4: field('generationConfig', () =>
      generation({
        candidates: 1,
        stop: 2,
        outputs: 4,
        temperature: 5,
        topP: 6,
        topK: 7,
        seed: 8,
        mime: 13,
        presence: 15,
        frequency: 16,
      }),
    ),
    5: many('tools', () => tools(schema({ description: 3, items: 6, properties: 7, required: 8 }))),
    8: field('systemInstruction', () => geminiContent),
    9: field('cachedContent', 'text'),
  },
  response: {
    1: many('candidates', () => ({
      1: field('content', () => geminiContent),
      2: field('finishReason', 'int'),
      3: field('index', 'int'),
    })),
    2: field('promptFeedback', () => feedback),
    3: field('usageMetadata', () => ({
      1: field('promptTokenCount', 'int'),
      2: field('candidatesTokenCount', 'int'),
      3: field('totalTokenCount', 'int'),
      4: field('cachedContentTokenCount', 'int'),
      5: many('promptTokensDetails', () => DETAIL),
      6: many('cacheTokensDetails', () => DETAIL),
      7: many('candidatesTokensDetails', () => DETAIL),
      8: field('toolUsePromptTokenCount', 'int'),
      9: many('toolUsePromptTokensDetails', () => DETAIL),
      10: field('thoughtsTokenCount', 'int'),
    })),
    4: field('modelVersion', 'text'),
    5: field('responseId', 'text'),
  },
};

const vertexPart: Description = {
  1: field('text', 'text'),
  2: field('inlineData', () => BLOB),
  3: field('fileData', () => FILE),
  5: field('functionCall', () => CALL),
  6: field('functionResponse', () => ANSWER),
  8: field('executableCode', () => CODE),
  9: field('codeExecutionResult', () => RESULT),
  10: field('thought', 'bool'),
};
const vertexContent: Description = { 1: field('role', 'text'), 2: many('parts', () => vertexPart) };

export const VERTEX: GoogleService = {
  request: {
    2: many('contents', () => vertexContent),
    4: field('generationConfig', () =>
      generation({
        temperature: 1,
        topP: 2,
        topK: 3,
        candidates: 4,
        outputs: 5,
        stop: 6,
        presence: 8,
        frequency: 9,
        seed: 12,
        mime: 13,
      }),
    ),
    5: field('model', 'text'),
    6: many('tools', () => tools(schema({ description: 8, items: 2, properties: 3, required: 5 }))),
    8: field('systemInstruction', () => vertexContent),
    9: field('cachedContent', 'text'),
  },
  response: {
    2: many('candidates', () => ({
      1: field('index', 'int'),
      2: field('content', () => vertexContent),
      3: field('finishReason', 'int'),
    })),
    3: field('promptFeedback', () => feedback),
    4: field('usageMetadata', () => ({
      1: field('promptTokenCount', 'int'),
      2: field('candidatesTokenCount', 'int'),
      3: field('totalTokenCount', 'int'),
      5: field('cachedContentTokenCount', 'int'),
      8: field('trafficType', 'int'),
      9: many('promptTokensDetails', () => DETAIL),
      10: many('cacheTokensDetails', () => DETAIL),
      11: many('candidatesTokensDetails', () => DETAIL),
      12: many('toolUsePromptTokensDetails', () => DETAIL),
      14: field('thoughtsTokenCount', 'int'),
    })),
    11: field('modelVersion', 'text'),
    13: field('responseId', 'text'),
  },
};
