// A small MCP server over streamable HTTP: one tool.
const TOOL = {
  name: 'weather',
  description: 'Weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

export function mcp({ body }) {
  const { method, id, params } = body;
  const call = { mcp: method };
  if (id === undefined) return { status: 202, call };
  const result = answer(method, params);
  return { json: { jsonrpc: '2.0', id, result }, call };
}

function answer(method, params) {
  if (method === 'initialize') {
    return {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'local', version: '1' },
    };
  }
  if (method === 'tools/list') return { tools: [TOOL] };
  if (method === 'tools/call') {
    return { content: [{ type: 'text', text: `sunny in ${params.arguments.city}` }], isError: false };
  }
  return {};
}
