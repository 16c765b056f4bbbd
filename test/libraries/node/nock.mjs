// nock: a mocked call never reaches a wire; another one passes through.
import http from 'node:http';
import nock from 'nock';

const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] });
nock('https://api.openai.com').post('/v1/chat/completions').reply(200, { mocked: true });
const headers = { 'content-type': 'application/json' };
console.log(
  await (await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', headers, body })).json(),
);
console.log(nock.isDone());
const real = await fetch(`${process.env.PROVIDER_URL}/v1/chat/completions`, { method: 'POST', headers, body });
console.log((await real.json()).model, typeof http.request);
