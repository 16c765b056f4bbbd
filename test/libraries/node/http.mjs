// node:http, plain and streamed, and a body that is written in parts after its head has left.
import { once } from 'node:events';
import http from 'node:http';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };

async function textOf(response) {
  let seen = '';
  for await (const part of response.setEncoding('utf8')) seen += part;
  return seen;
}

for (const stream of [false, true]) {
  const request = http.request(url, { method: 'POST' });
  request.end(JSON.stringify({ ...body, stream }));
  const [response] = await once(request, 'response');
  console.log((await textOf(response)).length);
}
const bytes = Buffer.from(JSON.stringify(body));
const request = http.request(url, {
  method: 'POST',
  agent: new http.Agent(),
  headers: { 'content-length': bytes.length },
});
request.flushHeaders();
const [socket] = await once(request, 'socket');
if (socket.connecting) await once(socket, 'connect');
socket.cork();
for (let at = 0; at < bytes.length; at += 16) request.write(bytes.subarray(at, at + 16));
socket.uncork();
request.end();
const [response] = await once(request, 'response');
console.log((await textOf(response)).length);
