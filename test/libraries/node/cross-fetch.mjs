// cross-fetch: plain.
import fetch from 'cross-fetch';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
const headers = { 'content-type': 'application/json' };
console.log(
  (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json()).usage.total_tokens,
);
