// Cohere's chat (v2), embeddings and rerank; Voyage and others rerank alike.
import { decide, pieces, textOf, vector } from '../answer.mjs';

export function chat({ body }) {
  const call = { operation: 'chat', model: body.model, stream: body.stream === true };
  const messages = body.messages.map(({ role, content }) => ({
    role,
    text: textOf(content),
    toolResult: role === 'tool',
  }));
  const answer = decide({
    messages,
    tools: (body.tools ?? []).map(({ function: each }) => ({ name: each.name, schema: each.parameters })),
    force: body.tool_choice === 'REQUIRED' ? true : undefined,
    schema: body.response_format?.json_schema ?? body.response_format?.schema,
  });
  if (answer.error) {
    const json = { id: 'local', message: `planted ${answer.error}` };
    return { status: answer.error, json, call: { ...call, error: String(answer.error) } };
  }
  const finish_reason = answer.tool ? 'TOOL_CALL' : 'COMPLETE';
  const counts = { input_tokens: answer.input, output_tokens: answer.output };
  const usage = { billed_units: counts, tokens: counts };
  const told = { ...call, finish: [finish_reason], input: answer.input, output: answer.output };
  const tool = answer.tool && {
    id: 'call_local',
    type: 'function',
    function: { name: answer.tool.name, arguments: JSON.stringify(answer.tool.args) },
  };
  if (!call.stream) {
    const content = tool
      ? { tool_plan: 'Look it up.', tool_calls: [tool] }
      : { content: [{ type: 'text', text: answer.text }] };
    return { json: { id: 'local', finish_reason, message: { role: 'assistant', ...content }, usage }, call: told };
  }
  const delta = message => ({ delta: { message } });
  const list = [
    { type: 'message-start', id: 'local', ...delta({ role: 'assistant', content: [], tool_plan: '', tool_calls: [] }) },
    ...(tool
      ? [
          {
            type: 'tool-call-start',
            index: 0,
            ...delta({ tool_calls: { ...tool, function: { ...tool.function, arguments: '' } } }),
            model: true,
          },
          {
            type: 'tool-call-delta',
            index: 0,
            ...delta({ tool_calls: { function: { arguments: tool.function.arguments } } }),
            model: true,
          },
          { type: 'tool-call-end', index: 0 },
        ]
      : [
          { type: 'content-start', index: 0, ...delta({ content: { type: 'text', text: '' } }) },
          ...pieces(answer.text).map(text => ({
            type: 'content-delta',
            index: 0,
            ...delta({ content: { text } }),
            model: true,
          })),
          { type: 'content-end', index: 0 },
        ]),
    { type: 'message-end', delta: { finish_reason, usage } },
  ];
  const events = list.map(({ model, ...data }) => ({ event: data.type, data, ...(model && { model }) }));
  return { events, call: told };
}

export function embed({ body }) {
  const inputs = body.texts ?? (body.inputs ?? []).map(({ content }) => textOf(content));
  const input = 4 * inputs.length;
  return {
    json: {
      id: 'local',
      embeddings: { float: inputs.map(text => vector(text)) },
      texts: inputs,
      response_type: 'embeddings_by_type',
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: input } },
    },
    call: { operation: 'embeddings', model: body.model, input },
  };
}

export function rerank({ body, path }) {
  const ranked = body.documents.map((_, index) => ({ index, relevance_score: Number((0.9 - 0.1 * index).toFixed(1)) }));
  const call = { operation: 'rerank', model: body.model };
  if (path.startsWith('/v2/')) {
    const meta = { api_version: { version: '2' }, billed_units: { search_units: 1 } };
    return { json: { id: 'local', results: ranked, meta }, call };
  }
  const json = { object: 'list', data: ranked, model: body.model, usage: { total_tokens: 12 } };
  return { json, call: { ...call, responseModel: body.model, input: 12 } };
}
