// msw: a mocked call never reaches a wire; another one passes through.
import { HttpResponse, http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import OpenAI from 'openai';

const server = setupServer(
  http.post('https://api.openai.com/v1/chat/completions', () =>
    HttpResponse.json({ choices: [{ message: { content: 'mocked' } }] }),
  ),
  http.post(`${process.env.PROVIDER_URL}/v1/chat/completions`, () => passthrough()),
);
server.listen();
const ask = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
const mocked = new OpenAI({ baseURL: 'https://api.openai.com/v1', apiKey: 'k', maxRetries: 0 });
console.log((await mocked.chat.completions.create(ask)).choices[0].message.content);
const real = new OpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k', maxRetries: 0 });
console.log((await real.chat.completions.create(ask)).choices[0].message.content);
server.close();
