// A call for each line of stdin; after each, a line with its status. Ends with stdin.
const http = require('node:http');
const readline = require('node:readline');

const url = `${process.env.PROVIDER_URL}/openai/v1/chat/completions`;
const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const headers = { 'content-type': 'application/json' };
const agent = new http.Agent({ keepAlive: true });

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', () => {
  const request = http.request(url, { method: 'POST', headers, agent }, response => {
    response.resume().on('end', () => console.log(response.statusCode));
  });
  request.end(body);
});
lines.on('close', () => agent.destroy());
