// OpenAI's chat completions, completions and embeddings, and everybody who speaks them.
import { decide, pieces, textOf, vector } from '../answer.mjs';

const CREATED = 1_760_000_000;

/** Models whose providers count streams unasked. */
const UNASKED = /^(mistral|jamba|sonar|glm|llama3\.1)/;

function readRequest(body) {
  const tools = (body.tools ?? []).map(({ function: each }) => ({ name: each?.name, schema: each?.parameters }));
  const choice = body.tool_choice;
  const force = typeof choice === 'object' && choice !== null ? (choice.function?.name ?? true) : undefined;
  return {
    messages: body.messages.map(({ role, content }) => ({ role, text: textOf(content), toolResult: role === 'tool' })),
    tools,
    force: force ?? (['required', 'any'].includes(choice) ? true : undefined),
    schema: body.response_format?.json_schema?.schema ?? body.response_format?.schema,
  };
}

export function failure(status) {
  const [type, code] =
    status === 429
      ? ['rate_limit_error', 'rate_limit_exceeded']
      : status === 401
        ? ['invalid_request_error', 'invalid_api_key']
        : ['server_error', 'server_error'];
  return { body: { error: { message: `planted ${status}`, type, param: null, code } }, type: code };
}

/** @param body the request */
export function chat({ body, path }) {
  const model = body.model ?? /deployments\/([^/]+)/.exec(path)?.[1];
  const call = { operation: 'chat', model, stream: body.stream === true };
  const answer = decide(readRequest(body));
  if (answer.error) {
    const { body: sent, type } = failure(answer.error);
    return { status: answer.error, json: sent, call: { ...call, error: type } };
  }
  const responseModel = `${model}-0131`;
  const finish = answer.tool ? 'tool_calls' : 'stop';
  const usage = {
    prompt_tokens: answer.input,
    completion_tokens: answer.output,
    total_tokens: answer.input + answer.output,
  };
  const told = { responseModel, finish: [finish], input: answer.input, output: answer.output };
  const head = { id: 'chatcmpl-local', created: CREATED, model: responseModel, system_fingerprint: 'fp_local' };
  const tool = answer.tool && {
    id: 'call_local',
    type: 'function',
    function: { name: answer.tool.name, arguments: JSON.stringify(answer.tool.args) },
  };
  if (!call.stream) {
    const message = { role: 'assistant', content: tool ? null : answer.text, ...(tool && { tool_calls: [tool] }) };
    const choices = [{ index: 0, message, finish_reason: finish, logprobs: null }];
    return { json: { ...head, object: 'chat.completion', choices, usage }, call: { ...call, ...told } };
  }
  const chunk = (delta, finish_reason = null) => ({
    data: { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] },
  });
  // Some report counts unasked, in the last chunk that has a choice; OpenAI only when asked, in a chunk of their own.
  const asked = body.stream_options?.include_usage === true;
  const unasked = !asked && UNASKED.test(model);
  const counted = asked || unasked;
  const events = [chunk({ role: 'assistant', content: '' })];
  if (tool) events.push({ ...chunk({ tool_calls: [{ index: 0, ...tool }] }), model: true });
  else for (const content of pieces(answer.text)) events.push({ ...chunk({ content }), model: true });
  if (answer.cut) {
    return { events, cut: true, call: { ...call, responseModel, finish: ['error'], error: 'stream_interrupted' } };
  }
  const last = chunk({}, finish);
  if (unasked) last.data.usage = usage;
  events.push(last);
  if (asked) events.push({ data: { ...head, object: 'chat.completion.chunk', choices: [], usage } });
  events.push({ data: '[DONE]' });
  const known = counted ? told : { responseModel, finish: [finish] };
  return { events, call: { ...call, ...known } };
}

export function embeddings({ body, path }) {
  const model = body.model ?? /deployments\/([^/]+)/.exec(path)?.[1];
  const inputs = [body.input].flat().map(String);
  const input = 4 * inputs.length;
  const encode = numbers =>
    body.encoding_format === 'base64' ? Buffer.from(Float32Array.from(numbers).buffer).toString('base64') : numbers;
  return {
    json: {
      object: 'list',
      id: 'emb-local',
      data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: encode(vector(text)) })),
      model,
      usage: { prompt_tokens: input, total_tokens: input },
    },
    call: { operation: 'embeddings', model, responseModel: model, input },
  };
}

export function completions({ body }) {
  const model = body.model;
  const call = { operation: 'text_completion', model, stream: body.stream === true };
  const answer = decide({ messages: [{ text: textOf(body.prompt) }] });
  const usage = {
    prompt_tokens: answer.input,
    completion_tokens: answer.output,
    total_tokens: answer.input + answer.output,
  };
  const head = { id: 'cmpl-local', object: 'text_completion', created: CREATED, model };
  const told = { responseModel: model, finish: ['stop'], input: answer.input, output: answer.output };
  if (!call.stream) {
    const choices = [{ index: 0, text: answer.text, finish_reason: 'stop', logprobs: null }];
    return { json: { ...head, choices, usage }, call: { ...call, ...told } };
  }
  const events = pieces(answer.text).map(text => ({
    data: { ...head, choices: [{ index: 0, text, finish_reason: null }] },
    model: true,
  }));
  events.push({ data: { ...head, choices: [{ index: 0, text: '', finish_reason: 'stop' }], usage } });
  events.push({ data: '[DONE]' });
  return { events, call: { ...call, ...told } };
}
