/**
 * xAI's service as its Python SDK speaks gRPC to it, in the form of its chat completions in JSON.
 * Source: the descriptions in xai-sdk 1.21 (Apache-2.0), xai_api/chat.proto and usage.proto.
 */
import { type Fields, fields, items, parseJson, text } from '../json/fields.js';
import { type Description, field, many } from './protobuf.js';

const FUNCTION_CALL: Description = { 1: field('name', 'text'), 2: field('arguments', 'text') };
const TOOL_CALL: Description = {
  1: field('id', 'text'),
  2: field('type', 'int'),
  10: field('function', () => FUNCTION_CALL),
};
const CONTENT: Description = {
  1: field('text', 'text'),
  2: field('image_url', () => ({ 1: field('url', 'text') })),
};
const MESSAGE: Description = {
  1: many('content', () => CONTENT),
  2: field('role', 'int'),
  3: field('name', 'text'),
  4: many('tool_calls', () => TOOL_CALL),
  5: field('reasoning_content', 'text'),
  7: field('tool_call_id', 'text'),
};
const TOOL: Description = {
  1: field('function', () => ({
    1: field('name', 'text'),
    2: field('description', 'text'),
    4: field('parameters', 'text'),
  })),
};

export const XAI_REQUEST: Description = {
  1: many('messages', () => MESSAGE),
  2: field('model', 'text'),
  3: field('frequency_penalty', 'float'),
  7: field('max_tokens', 'int'),
  8: field('n', 'int'),
  9: field('presence_penalty', 'float'),
  10: field('response_format', () => ({ 1: field('type', 'int') })),
  11: field('seed', 'int'),
  12: many('stop', 'text'),
  14: field('temperature', 'float'),
  15: field('top_p', 'float'),
  16: field('user', 'text'),
  17: many('tools', () => TOOL),
  19: field('reasoning_effort', 'int'),
  22: field('previous_response_id', 'text'),
};

const SAID: Description = {
  1: field('content', 'text'),
  2: field('role', 'int'),
  3: many('tool_calls', () => TOOL_CALL),
  4: field('reasoning_content', 'text'),
};
const USAGE: Description = {
  1: field('completion_tokens', 'int'),
  2: field('prompt_tokens', 'int'),
  3: field('total_tokens', 'int'),
  4: field('prompt_text_tokens', 'int'),
  5: field('prompt_image_tokens', 'int'),
  6: field('reasoning_tokens', 'int'),
  7: field('cached_prompt_text_tokens', 'int'),
  8: field('num_sources_used', 'int'),
  11: field('cost_in_usd_ticks', 'int'),
};
const ANSWERED = { 7: field('system_fingerprint', 'text') } as const;

export const XAI_RESPONSE: Description = {
  ...ANSWERED,
  1: field('id', 'text'),
  2: many('outputs', () => ({
    1: field('finish_reason', 'int'),
    2: field('index', 'int'),
    3: field('message', () => SAID),
  })),
  6: field('model', 'text'),
  9: field('usage', () => USAGE),
};
export const XAI_CHUNK: Description = {
  1: field('id', 'text'),
  2: many('outputs', () => ({
    1: field('delta', () => SAID),
    3: field('finish_reason', 'int'),
    4: field('index', 'int'),
  })),
  4: field('model', 'text'),
  5: field('system_fingerprint', 'text'),
  6: field('usage', () => USAGE),
};

const ROLES = [undefined, 'user', 'assistant', 'system', 'function', 'tool', 'developer'];
const EFFORTS = [undefined, 'low', 'medium', 'high', 'none', 'xhigh'];
const FORMATS = [undefined, 'text', 'json_object', 'json_schema'];
const FINISHES = [undefined, 'length', 'length', 'stop', 'tool_calls', 'time_limit'];
/** Tools of the server's own, which the program does not run, have other types. */
const CLIENT_SIDE = 1;

const wordOf = (words: readonly (string | undefined)[], value: unknown): string | undefined =>
  typeof value === 'number' && value !== 0 ? (words[value] ?? String(value)) : undefined;

/** Members that are there; JSON leaves out the others. */
const without = (members: Fields): Fields =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** A request as JSON; `stream` is the method's. */
export function xaiRequest(message: Fields, stream: boolean): Fields {
  const { messages, tools, reasoning_effort, response_format, ...rest } = message;
  const format = wordOf(FORMATS, fields(response_format)['type']);
  return without({
    ...rest,
    ...(stream ? { stream } : {}),
    messages: items(messages).map(each => asked(fields(each))),
    tools: tools === undefined ? undefined : items(tools).map(each => toolOf(fields(fields(each)['function']))),
    reasoning_effort: wordOf(EFFORTS, reasoning_effort),
    response_format: format === undefined ? undefined : { type: format },
  });
}

function asked({ content, role, tool_calls, ...rest }: Fields): Fields {
  const parts = items(content).map(part => {
    const { text: words, image_url } = fields(part);
    return image_url === undefined ? { type: 'text', text: words ?? '' } : { type: 'image_url', image_url };
  });
  return without({
    ...rest,
    role: wordOf(ROLES, role),
    content: parts,
    tool_calls: tool_calls === undefined ? undefined : callsOf(tool_calls),
  });
}

function toolOf({ parameters, ...rest }: Fields): Fields {
  const given = text(parameters);
  return { type: 'function', function: without({ ...rest, parameters: given && (parseJson(given) ?? given) }) };
}

function callsOf(calls: unknown): Fields[] {
  return items(calls).flatMap((each, index) => {
    const { id, type, function: call } = fields(each);
    return type === undefined || type === CLIENT_SIDE ? [{ index, id, type: 'function', function: call }] : [];
  });
}

/** An answer, or a piece of one, as JSON. */
export function xaiAnswer({ outputs, usage, ...rest }: Fields): Fields {
  return without({
    ...rest,
    choices: items(outputs).map(each => choiceOf(fields(each))),
    usage: usage && usageOf(fields(usage)),
  });
}

function choiceOf({ index, finish_reason, message, delta }: Fields): Fields {
  return without({
    index: index ?? 0,
    finish_reason: wordOf(FINISHES, finish_reason),
    message: message && said(fields(message)),
    delta: delta && said(fields(delta)),
  });
}

function said({ role, tool_calls, ...rest }: Fields): Fields {
  return without({ ...rest, role: wordOf(ROLES, role), tool_calls: tool_calls && callsOf(tool_calls) });
}

function usageOf(usage: Fields): Fields {
  const { prompt_text_tokens, prompt_image_tokens, cached_prompt_text_tokens, reasoning_tokens, ...rest } = usage;
  const given = without({
    text_tokens: prompt_text_tokens,
    image_tokens: prompt_image_tokens,
    cached_tokens: cached_prompt_text_tokens,
  });
  return {
    ...rest,
    ...(Object.keys(given).length > 0 ? { prompt_tokens_details: given } : {}),
    ...(reasoning_tokens === undefined ? {} : { completion_tokens_details: { reasoning_tokens } }),
  };
}
