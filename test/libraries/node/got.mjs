// got: plain and streamed.
import got from 'got';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const json = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await got.post(url, { json }).json()).usage.total_tokens);
let size = 0;
for await (const chunk of got.stream.post(url, { json: { ...json, stream: true } })) size += chunk.length;
console.log(size);
