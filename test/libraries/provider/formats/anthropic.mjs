// Anthropic's Messages, also behind Bedrock's InvokeModel and Vertex.
import { decide, pieces, textOf } from '../answer.mjs';

export function asked(body) {
  const messages = body.messages.map(({ role, content }) => ({
    role,
    text: textOf(content),
    toolResult: Array.isArray(content) && content.some(({ type }) => type === 'tool_result'),
  }));
  const choice = body.tool_choice;
  return {
    messages: body.system ? [{ role: 'system', text: textOf(body.system) }, ...messages] : messages,
    tools: (body.tools ?? []).map(({ name, input_schema }) => ({ name, schema: input_schema })),
    force: choice?.type === 'tool' ? choice.name : choice?.type === 'any' ? true : undefined,
    schema: body.output_config?.format?.schema ?? body.output_format?.schema,
  };
}

const TYPES = { 401: 'authentication_error', 429: 'rate_limit_error', 529: 'overloaded_error' };

/** @returns the answer, with `events` as plain objects where `stream` is set */
export function messages({ body, model = body.model, stream = body.stream === true, path = '' }) {
  if (path.includes('/count_tokens')) return { json: { input_tokens: 20 } };
  const call = { operation: 'chat', model, stream };
  const answer = decide(asked(body));
  if (answer.error) {
    const type = TYPES[answer.error] ?? 'api_error';
    return {
      status: answer.error,
      json: { type: 'error', error: { type, message: `planted ${answer.error}` }, request_id: 'req_local' },
      call: { ...call, error: type },
    };
  }
  const finish = answer.tool ? 'tool_use' : 'end_turn';
  const responseModel = `${model}-0131`;
  const block = answer.tool
    ? { type: 'tool_use', id: 'toolu_local', name: answer.tool.name, input: answer.tool.args }
    : { type: 'text', text: answer.text };
  const usage = (input_tokens, output_tokens) => ({
    input_tokens,
    output_tokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  });
  const head = { id: 'msg_local', type: 'message', role: 'assistant', model: responseModel, stop_sequence: null };
  const told = { ...call, responseModel, finish: [finish], input: answer.input, output: answer.output };
  if (!stream) {
    const json = { ...head, content: [block], stop_reason: finish, usage: usage(answer.input, answer.output) };
    return { json, call: told };
  }
  const start = { ...head, content: [], stop_reason: null, usage: usage(answer.input, 1) };
  const deltas = answer.tool
    ? pieces(JSON.stringify(answer.tool.args)).map(partial_json => ({ type: 'input_json_delta', partial_json }))
    : pieces(answer.text).map(text => ({ type: 'text_delta', text }));
  const list = [
    { type: 'message_start', message: start },
    {
      type: 'content_block_start',
      index: 0,
      content_block: answer.tool ? { ...block, input: {} } : { ...block, text: '' },
    },
    { type: 'ping' },
    ...deltas.map(delta => ({ type: 'content_block_delta', index: 0, delta, model: true })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: finish, stop_sequence: null },
      usage: usage(answer.input, answer.output),
    },
    { type: 'message_stop' },
  ];
  const events = list.map(({ model: carries, ...data }) => ({
    event: data.type,
    data,
    ...(carries && { model: true }),
  }));
  return { events, call: told };
}
