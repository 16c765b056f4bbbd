/** Which real client can make a recorded request again. Pure: from the exchange alone. */
import type { Exchange } from '../../../src/wire/exchange.js';

export interface ClientCall {
  readonly library: string;
  /** The JSON of the request, for the client's method. */
  readonly body?: Record<string, unknown>;
}

/** First row that fits: host, path (without query), library. */
type Row = readonly [host: RegExp, path: RegExp, library: string];

const GOOGLE = /(^|[.-])(generativelanguage|aiplatform)\.googleapis\.com$/;
const GOOGLE_METHODS = /\/models\/[^/]+:(generateContent|streamGenerateContent|batchEmbedContents)$/;
const BEDROCK = /^bedrock-runtime\..+\.amazonaws\.com$/;
const BEDROCK_METHODS = /^\/model\/.+\/(converse|converse-stream|invoke|invoke-with-response-stream)$/;
const OPENAI_METHODS = /\/(chat\/completions|responses|completions|embeddings)$/;
const MESSAGES = /^\/v1\/messages$/;

const PYTHON: readonly Row[] = [
  [BEDROCK, BEDROCK_METHODS, 'boto3'],
  [/^api\.anthropic\.com$/, MESSAGES, 'anthropic'],
  [GOOGLE, GOOGLE_METHODS, 'google-genai'],
  [/^api\.cohere\.com$/, /^\/v[12]\/(chat|embed|rerank)$/, 'cohere'],
  [/^api\.mistral\.ai$/, /^\/v1\/(chat\/completions|embeddings|fim\/completions)$/, 'mistralai'],
  [/^api\.groq\.com$/, /^\/openai\/v1\/chat\/completions$/, 'groq'],
  [/:11434$/, /^\/api\/(chat|generate|embed|embeddings)$/, 'ollama'],
  [/./, OPENAI_METHODS, 'openai'],
];

const NODE: readonly Row[] = [
  [BEDROCK, BEDROCK_METHODS, '@aws-sdk/client-bedrock-runtime'],
  [/^api\.anthropic\.com$/, MESSAGES, '@anthropic-ai/sdk'],
  [GOOGLE, GOOGLE_METHODS, '@google/genai'],
  [/./, OPENAI_METHODS, 'openai'],
];

export function clientCall(exchange: Exchange, language: 'python' | 'node'): ClientCall | undefined {
  const path = (exchange.path ?? '').split('?', 1)[0]!;
  const row = (language === 'python' ? PYTHON : NODE).find(
    ([host, paths]) => host.test(exchange.host ?? '') && paths.test(path),
  );
  const body = jsonOf(exchange.requestBody);
  if (row === undefined || body === undefined || exchange.protocol === 'websocket') return undefined;
  // Google's clients write camelCase; beside a body in snake_case that would be two configurations in one request.
  return 'generation_config' in body ? undefined : { library: row[2], body };
}

/** What no provider's client asks for (and what is no call at all) is asked for with httpx, byte for byte. */
export function plainCall(exchange: Exchange): ClientCall | undefined {
  return exchange.protocol === 'websocket' ? undefined : { library: 'httpx' };
}

/** Of the connection, of the credentials, or of the client itself. */
const CLIENTS_OWN =
  /^(:|accept|connection|content-|host$|user-agent$|authorization$|x-api-key$|api-key$|x-stainless|x-amz-|amz-|transfer-encoding$|traceparent$)/;

/** Recorded request fields that the program gave to its client. */
export function givenHeaders(exchange: Exchange): Record<string, string> {
  return Object.fromEntries(Object.entries(exchange.requestHeaders ?? {}).filter(([name]) => !CLIENTS_OWN.test(name)));
}

/** Vercel's `ai` writes the request itself; these are the chats that it can write. */
export function simpleChat(exchange: Exchange): ClientCall | undefined {
  if (exchange.host !== 'api.openai.com' || exchange.path !== '/v1/chat/completions') return undefined;
  const body = jsonOf(exchange.requestBody);
  const messages = body?.['messages'];
  if (body === undefined || !Array.isArray(messages)) return undefined;
  const plain = Object.keys(body).every(name =>
    ['model', 'messages', 'stream', 'stream_options', 'temperature', 'max_tokens'].includes(name),
  );
  const texts = messages.every(
    ({ role, content }) => /^(system|user|assistant)$/.test(role) && typeof content === 'string',
  );
  const asked =
    messages.filter(({ role }) => role === 'system').length < 2 && messages.some(({ role }) => role === 'user');
  return plain && texts && asked ? { library: 'ai', body } : undefined;
}

export function jsonOf(bytes: Uint8Array | undefined): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
