// needle: plain and streamed.
import needle from 'needle';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await needle('post', url, body, { json: true })).body.usage.total_tokens);
console.log(String((await needle('post', url, { ...body, stream: true }, { json: true, parse: false })).body).length);
