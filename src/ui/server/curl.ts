/** A kept call as a command that makes it again. Made of what was kept: the program's own headers are not. */
import { ATTRIBUTE } from '../../calls/genai-attributes.js';
import type { StoredLine } from '../../store/kept-lines.js';
import type { ChatMessage, Part } from '../api.js';
import { conversationOf, textOf } from './conversation.js';

type Attributes = Readonly<Record<string, unknown>>;

interface Form {
  readonly path: string;
  readonly headers: readonly string[];
  body(attributes: Attributes, messages: readonly ChatMessage[]): object;
}

const OPENAI: Form = {
  path: '/v1/chat/completions',
  headers: ['authorization: Bearer $OPENAI_API_KEY'],
  body: (attributes, messages) => ({
    model: attributes[ATTRIBUTE.requestModel],
    messages: messages.map(openaiMessage),
    ...parameters(attributes, 'max_completion_tokens'),
  }),
};

const ANTHROPIC: Form = {
  path: '/v1/messages',
  headers: ['x-api-key: $ANTHROPIC_API_KEY', 'anthropic-version: 2023-06-01'],
  body: (attributes, messages) => {
    const system = messages.filter(({ role }) => role === 'system');
    return {
      model: attributes[ATTRIBUTE.requestModel],
      // Without one the service answers 400.
      max_tokens: attributes[ATTRIBUTE.requestMaxTokens] ?? 1024,
      ...(system.length > 0 && { system: system.map(plain).join('\n') }),
      messages: messages.filter(({ role }) => role !== 'system').map(anthropicMessage),
      ...parameters({ ...attributes, [ATTRIBUTE.requestMaxTokens]: undefined }, ''),
    };
  },
};

const HOSTS: Readonly<Record<string, string>> = { openai: 'api.openai.com', anthropic: 'api.anthropic.com' };

/** The command, or why there is none. */
export function curlOf(line: StoredLine | undefined): { readonly command: string } | { readonly why: string } {
  if (line === undefined) return { why: 'the file of this call is gone' };
  const attributes = line.attributes ?? {};
  const form = formOf(attributes);
  if (form === undefined)
    return { why: 'curl is made for chat calls of OpenAI, of what is compatible, and of Anthropic' };
  const { input } = conversationOf(line, false);
  if (input.length === 0) return { why: 'the messages were not kept: run with --capture-content' };
  if (input.some(({ parts }) => parts.some(({ type }) => type === 'image' || type === 'other')))
    return { why: 'the call holds pictures or files, which curl would not send as they were' };
  const words = [
    `curl ${quoted(addressOf(attributes) + form.path)}`,
    ...['content-type: application/json', ...form.headers].map(
      header => `-H ${header.includes('$') ? `"${header}"` : quoted(header)}`,
    ),
    `-d ${quoted(JSON.stringify(form.body(attributes, input), null, 2))}`,
  ];
  return { command: words.join(' \\\n  ') };
}

function formOf(attributes: Attributes): Form | undefined {
  if ((attributes[ATTRIBUTE.operationName] ?? 'chat') !== 'chat') return undefined;
  const api = attributes[ATTRIBUTE.openaiApiType];
  if (attributes[ATTRIBUTE.providerName] === 'anthropic') return ANTHROPIC;
  if (api === 'chat_completions' || (api === undefined && attributes[ATTRIBUTE.providerName] === 'openai'))
    return OPENAI;
  return undefined;
}

/** Plain HTTP where the server is this machine: what listens there has no certificate. */
function addressOf(attributes: Attributes): string {
  const provider = String(attributes[ATTRIBUTE.providerName]);
  const host = String(attributes[ATTRIBUTE.serverAddress] ?? HOSTS[provider] ?? 'api.openai.com');
  const port = attributes[ATTRIBUTE.serverPort];
  const local = /^(127\.|localhost$|::1$|\[::1\]$)/.test(host);
  const scheme = local && port !== 443 ? 'http' : 'https';
  const usual = port === undefined || port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}${usual ? '' : `:${port}`}`;
}

function parameters(attributes: Attributes, limit: string): object {
  const names = [
    [ATTRIBUTE.requestTemperature, 'temperature'],
    [ATTRIBUTE.requestTopP, 'top_p'],
    [ATTRIBUTE.requestMaxTokens, limit],
    [ATTRIBUTE.requestSeed, 'seed'],
    [ATTRIBUTE.requestStream, 'stream'],
  ] as const;
  return Object.fromEntries(
    names.flatMap(([name, own]) => (attributes[name] === undefined || own === '' ? [] : [[own, attributes[name]]])),
  );
}

const plain = ({ parts }: ChatMessage) => parts.map(textOf).join('\n');

const isResult = (part: Part): part is Part & { type: 'tool_result' } => part.type === 'tool_result';
const isCall = (part: Part): part is Part & { type: 'tool_call' } => part.type === 'tool_call';
const said = (parts: readonly Part[]) =>
  parts
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)
    .join('\n');

function openaiMessage({ role, parts }: ChatMessage): object {
  const result = parts.find(isResult);
  if (result !== undefined) return { role: 'tool', tool_call_id: result.id, content: result.text };
  const calls = parts.filter(isCall);
  return {
    role,
    content: said(parts),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } })),
    }),
  };
}

function anthropicMessage({ role, parts }: ChatMessage): object {
  return {
    role: role === 'assistant' ? 'assistant' : 'user',
    content: parts
      .filter(({ type }) => type !== 'reasoning')
      .map(part => {
        if (isResult(part)) return { type: 'tool_result', tool_use_id: part.id, content: part.text };
        if (isCall(part)) return { type: 'tool_use', id: part.id, name: part.name, input: objectOf(part.text) };
        return { type: 'text', text: part.text };
      }),
  };
}

/** Arguments that were cut are no JSON: they are sent as the text that was kept. */
function objectOf(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return { text };
  }
}

/** For a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
