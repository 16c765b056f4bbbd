// The other end of `bench/node.mjs`: answers at once, or after the milliseconds of `x-think`. Prints its port.
import http from 'node:http';

const text = 'The tides come and go twice a day, because the moon pulls at the sea. '.repeat(8);
const usage = { prompt_tokens: 120, completion_tokens: 90, total_tokens: 210 };
const answer = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  model: 'gpt-4o-mini-2024-07-18',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage,
});
const chunk = (delta, more) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', model: 'gpt-4o-mini-2024-07-18', choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;
const chunks = Array.from({ length: 50 }, (_, index) => chunk({ content: ` word${index}` }));
chunks.push(chunk({}, { choices: [], usage }), 'data: [DONE]\n\n');

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume().on('end', async () => {
    const think = Number(request.headers['x-think'] ?? 0);
    if (think > 0) await new Promise(resolve => setTimeout(resolve, think));
    if (request.headers['x-stream'] === undefined) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      return response.end(answer);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of chunks) {
      response.write(part);
      // A packet each, as a model sends them, without its thinking time.
      await new Promise(resolve => setImmediate(resolve));
    }
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
