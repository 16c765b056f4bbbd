/** MCP over HTTP of a launched Node program: calls as spans, the session as a metric. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openNodeBench } from '../support/node-observed.js';
import type { Bench } from '../support/observed.js';
import { type Listening, listen } from '../support/servers.js';

const PROGRAM = `
const url = process.env.MCP_URL;
let session;
async function post(body) {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (session) headers['mcp-session-id'] = session;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...body }) });
  session ??= response.headers.get('mcp-session-id');
  return response.text();
}
await post({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } });
await post({ method: 'notifications/initialized' });
console.log(await post({ id: 1, method: 'tools/call', params: { name: 'weather', arguments: { city: 'Oslo' } } }));
await fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': session } });
`;

const server = createServer((request, response) => {
  if (request.method === 'DELETE') return response.writeHead(204).end();
  const chunks: Buffer[] = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString());
    if (id === undefined) return response.writeHead(202).end();
    const answer = (result: object) => JSON.stringify({ jsonrpc: '2.0', id, result });
    if (method === 'initialize') {
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's-1' });
      return response.end(answer({ protocolVersion: '2025-06-18', capabilities: {} }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`event: message\ndata: ${answer({ content: [{ type: 'text', text: 'rain' }], isError: true })}\n\n`);
  });
});

let bench: Bench;
let folder: string;
let mcp: Listening;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'node-mcp-'));
  writeFileSync(path.join(folder, 'client.mjs'), PROGRAM);
  mcp = await listen(server);
  bench = await openNodeBench({ tls: false });
});
afterAll(async () => {
  await bench?.close();
  await mcp?.close();
  rmSync(folder, { recursive: true });
});

test('each request once, with its tool and its error, and how long the session lasted', async () => {
  const env = { MCP_URL: `http://127.0.0.1:${mcp.port}/mcp` };
  const { spans, stdout, status } = await bench.launched(['node', 'client.mjs'], { cwd: folder, env });
  expect(status).toBe(0);
  expect(stdout).toContain('rain');
  expect(spans.map(({ name }) => name)).toEqual(['initialize', 'notifications/initialized', 'tools/call weather']);
  expect(spans[2]!.attributes).toMatchObject({
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'mcp.session.id': 's-1',
    'error.type': 'tool_error',
    'server.port': mcp.port,
  });
  expect(JSON.stringify(bench.receiver.exports.map(({ body }) => body))).not.toMatch(/Oslo|rain/);
  const metric = bench.receiver.metrics.find(({ name }) => name === 'mcp.client.session.duration');
  expect(metric?.attributes).toMatchObject({ 'mcp.protocol.version': '2025-06-18', 'server.port': mcp.port });
});
