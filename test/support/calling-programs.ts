/** Programs that make one chat call after the other until they are ended, as services do. */

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
