/**
 * Google's words as the numbers that its Go client and its REST transports ask for (`enum-encoding=int`). The two APIs count
 * apart. From the descriptions in google-ai-generativelanguage 0.12 and google-cloud-aiplatform 2.7.
 */
import { text } from '../json/fields.js';

type Words = readonly (string | undefined)[];

const COMMON = [undefined, 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER'];

const GEMINI_FINISH: Words = [
  ...COMMON,
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_OTHER',
  'NO_IMAGE',
  'IMAGE_RECITATION',
];

const VERTEX_FINISH: Words = [
  ...COMMON,
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'MODEL_ARMOR',
];

const BLOCKED = [undefined, 'SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT'];
const GEMINI_BLOCKED: Words = [...BLOCKED, 'IMAGE_SAFETY'];
const VERTEX_BLOCKED: Words = [...BLOCKED, 'MODEL_ARMOR', 'JAILBREAK'];

const MODALITIES: Words = [undefined, 'TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT'];
/** What is asked for has numbers of its own. */
const ASKED_MODALITIES: Words = [undefined, 'TEXT', 'IMAGE', 'AUDIO'];
const TRAFFIC: Words = [undefined, 'ON_DEMAND', 'PROVISIONED_THROUGHPUT', 'ON_DEMAND_PRIORITY', 'ON_DEMAND_FLEX'];

/** A number that has no word here stays one; the first stands for nothing. */
function word(value: unknown, words: Words): string | undefined {
  if (typeof value === 'string') return value.endsWith('_UNSPECIFIED') ? undefined : text(value);
  if (typeof value !== 'number' || value === 0) return undefined;
  return words[value] ?? String(value);
}

const isVertex = (provider: string | undefined): boolean => provider === 'gcp.vertex_ai';

export const finishWord = (value: unknown, provider: string | undefined): string | undefined =>
  word(value, isVertex(provider) ? VERTEX_FINISH : GEMINI_FINISH);

export const blockWord = (value: unknown, provider: string | undefined): string | undefined =>
  word(value, isVertex(provider) ? VERTEX_BLOCKED : GEMINI_BLOCKED);

export const modalityWord = (value: unknown): string | undefined => word(value, MODALITIES);
export const askedModality = (value: unknown): string | undefined => word(value, ASKED_MODALITIES)?.toUpperCase();
export const trafficWord = (value: unknown): string | undefined => word(value, TRAFFIC);
