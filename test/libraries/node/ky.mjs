// ky: plain, streamed, a hook.
import ky from 'ky';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const json = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await ky.post(url, { json, retry: 0 }).json()).usage.total_tokens);
console.log((await ky.post(url, { json: { ...json, stream: true } }).text()).length);
