// OpenAI's Responses API.
import { decide, pieces, textOf } from '../answer.mjs';
import { failure } from './openai.mjs';

function asked(body) {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input ?? []);
  const messages = items.map(({ role, type, content, output }) => ({
    role,
    text: textOf(content ?? output),
    toolResult: type === 'function_call_output',
  }));
  const choice = body.tool_choice;
  const format = body.text?.format;
  return {
    messages: body.instructions ? [{ role: 'system', text: textOf(body.instructions) }, ...messages] : messages,
    tools: (body.tools ?? []).map(({ name, parameters }) => ({ name, schema: parameters })),
    force: typeof choice === 'object' ? choice?.name : choice === 'required' ? true : undefined,
    schema: format?.type === 'json_schema' ? format.schema : undefined,
  };
}

function whole(body, answer, model, status) {
  const output = answer.tool
    ? {
        type: 'function_call',
        id: 'fc_local',
        call_id: 'call_local',
        name: answer.tool.name,
        arguments: JSON.stringify(answer.tool.args),
        status: 'completed',
      }
    : {
        type: 'message',
        id: 'msg_local',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: answer.text, annotations: [], logprobs: [] }],
      };
  return {
    id: 'resp_local',
    object: 'response',
    created_at: 1_760_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: null,
    model,
    output: status === 'completed' ? [output] : [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage:
      status === 'completed'
        ? {
            input_tokens: answer.input,
            input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
            output_tokens: answer.output,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: answer.input + answer.output,
          }
        : null,
    user: null,
    metadata: {},
  };
}

function events(body, answer, model) {
  const start = whole(body, answer, model, 'in_progress');
  const end = whole(body, answer, model, 'completed');
  const [item] = end.output;
  const list = [
    { type: 'response.created', response: start },
    { type: 'response.in_progress', response: start },
  ];
  const at = { output_index: 0, item_id: item.id };
  if (answer.tool) {
    list.push({ type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } });
    list.push({ type: 'response.function_call_arguments.delta', ...at, delta: item.arguments, model: true });
    list.push({
      type: 'response.function_call_arguments.done',
      ...at,
      name: item.name,
      arguments: item.arguments,
    });
  } else {
    const [part] = item.content;
    const inside = { ...at, content_index: 0 };
    list.push({
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    });
    list.push({ type: 'response.content_part.added', ...inside, part: { ...part, text: '' } });
    for (const delta of pieces(answer.text)) {
      list.push({ type: 'response.output_text.delta', ...inside, delta, logprobs: [], model: true });
    }
    list.push({ type: 'response.output_text.done', ...inside, text: answer.text, logprobs: [] });
    list.push({ type: 'response.content_part.done', ...inside, part });
  }
  list.push({ type: 'response.output_item.done', output_index: 0, item });
  list.push({ type: 'response.completed', response: end });
  return list.map(({ model: carries, ...data }, sequence_number) => ({
    event: data.type,
    data: { ...data, sequence_number },
    ...(carries && { model: true }),
  }));
}

export function responses({ body }) {
  const call = { operation: 'chat', model: body.model, stream: body.stream === true };
  const answer = decide(asked(body));
  if (answer.error) {
    const { body: sent, type } = failure(answer.error);
    return { status: answer.error, json: sent, call: { ...call, error: type } };
  }
  const model = `${body.model}-0131`;
  const finish = [answer.tool ? 'tool_call' : 'stop'];
  const told = { ...call, responseModel: model, finish, input: answer.input, output: answer.output };
  if (call.stream) return { events: events(body, answer, model), call: told };
  return { json: whole(body, answer, model, 'completed'), call: told };
}
