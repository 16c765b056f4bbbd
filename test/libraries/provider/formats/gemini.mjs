// Gemini's generateContent, streamed as events or as one JSON array, and embeddings. Vertex speaks the same.
import { decide, pieces, vector } from '../answer.mjs';

const partsText = parts => (parts ?? []).map(({ text }) => text ?? '').join(' ');

function asked(body) {
  const system = body.systemInstruction ?? body.system_instruction;
  const messages = [body.contents].flat().map(({ role, parts }) => ({
    role,
    text: partsText(parts),
    toolResult: (parts ?? []).some(part => part.functionResponse ?? part.function_response),
  }));
  const declared = (body.tools ?? []).flatMap(tool => tool.functionDeclarations ?? tool.function_declarations ?? []);
  const config = body.toolConfig?.functionCallingConfig ?? body.tool_config?.function_calling_config;
  const generation = body.generationConfig ?? body.generation_config ?? {};
  const names = config?.allowedFunctionNames ?? config?.allowed_function_names;
  return {
    messages: system ? [{ role: 'system', text: partsText([system.parts].flat()) }, ...messages] : messages,
    tools: declared.map(({ name, parameters, parametersJsonSchema }) => ({
      name,
      schema: parameters ?? parametersJsonSchema,
    })),
    force: config?.mode === 'ANY' ? (names?.[0] ?? true) : undefined,
    schema: generation.responseSchema ?? generation.responseJsonSchema ?? generation.response_schema,
  };
}

export function generate({ body, path }) {
  const [, model, method] = /models\/([^:/?]+):(\w+)/.exec(path) ?? [];
  const stream = method === 'streamGenerateContent';
  const call = { operation: 'generate_content', model, stream };
  const answer = decide(asked(body));
  if (answer.error) {
    const status = { 401: 'UNAUTHENTICATED', 429: 'RESOURCE_EXHAUSTED' }[answer.error] ?? 'INTERNAL';
    return {
      status: answer.error,
      json: { error: { code: answer.error, message: `planted ${answer.error}`, status } },
      call: { ...call, error: status },
    };
  }
  const responseModel = `${model}-0131`;
  const usageMetadata = {
    promptTokenCount: answer.input,
    candidatesTokenCount: answer.output,
    totalTokenCount: answer.input + answer.output,
  };
  const chunk = (part, finishReason) => ({
    candidates: [{ content: { parts: [part], role: 'model' }, ...(finishReason && { finishReason }), index: 0 }],
    ...(finishReason && { usageMetadata }),
    modelVersion: responseModel,
    responseId: 'resp-local',
  });
  const told = { ...call, responseModel, finish: ['STOP'], input: answer.input, output: answer.output };
  const tool = answer.tool && { functionCall: { name: answer.tool.name, args: answer.tool.args } };
  if (!stream) return { json: chunk(tool ?? { text: answer.text }, 'STOP'), call: told };
  const parts = tool ? [tool] : pieces(answer.text).map(text => ({ text }));
  const events = parts.map((part, index) => ({
    data: chunk(part, index === parts.length - 1 ? 'STOP' : undefined),
    model: true,
  }));
  return { events, framing: path.includes('alt=sse') ? 'sse' : 'array', call: told };
}

export function embed({ body, path }) {
  const [, model, method] = /models\/([^:/?]+):(\w+)/.exec(path) ?? [];
  const values = ({ content }) => ({ values: vector(partsText([content].flat().flatMap(each => each.parts))) });
  const call = { operation: 'embeddings', model };
  if (method === 'embedContent') return { json: { embedding: values(body) }, call };
  return { json: { embeddings: body.requests.map(values) }, call };
}
