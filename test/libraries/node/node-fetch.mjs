// node-fetch: plain and streamed.
import fetch from 'node-fetch';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()).usage.total_tokens);
let size = 0;
for await (const chunk of (await fetch(url, { method: 'POST', body: JSON.stringify({ ...body, stream: true }) })).body)
  size += chunk.length;
console.log(size);
