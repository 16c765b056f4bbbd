/** Programs that make one chat call after the other until they are ended, as services do, and who answers them. */
import { createServer } from 'node:http';
import { type Listening, listen } from './servers.js';

const ANSWER = JSON.stringify({
  id: '1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});

/** Plain HTTP on loopback: one answer to whatever is asked. */
export const startAnswering = (): Promise<Listening> =>
  listen(
    createServer((request, response) => {
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(ANSWER));
    }),
  );

export const CALLING_PYTHON = (url: string) => `import json, time, urllib.request
body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}).encode()
while True:
    request = urllib.request.Request("${url}/v1/chat/completions", body, {"content-type": "application/json"})
    try:
        urllib.request.urlopen(request).read()
    except OSError:
        pass
    time.sleep(0.2)
`;

export const CALLING_NODE = (url: string) => `const http = require('node:http');
const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] });
setInterval(() => {
  const request = http.request('${url}/v1/chat/completions', { method: 'POST', headers: { 'content-type': 'application/json' } });
  request.on('error', () => {});
  request.on('response', response => response.resume());
  request.end(body);
}, 200);
`;
