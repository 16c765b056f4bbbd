// The MCP SDK: a client over streamable HTTP.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const client = new Client({ name: 'app', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(`${process.env.PROVIDER_URL}/mcp`)));
console.log((await client.listTools()).tools.map(({ name }) => name));
console.log((await client.callTool({ name: 'weather', arguments: { city: 'Paris' } })).content[0].text);
await client.close();
