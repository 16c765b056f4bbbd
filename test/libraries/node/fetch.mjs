// Node's own fetch: plain, streamed, cloned, aborted after the first chunk.
const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
const post = (fields = {}) => fetch(url, { method: 'POST', body: JSON.stringify({ ...body, ...fields }) });
const response = await post();
const copy = response.clone();
console.log(response.constructor.name, (await response.json()).usage.total_tokens, (await copy.text()).length);
const streamed = await post({ stream: true });
let size = 0;
for await (const chunk of streamed.body) size += chunk.length;
console.log(size);
console.log(await (await fetch(`${process.env.PROVIDER_URL}/plain`)).json());
const failed = await post({ messages: [{ role: 'user', content: '<<error: 500>>' }] });
console.log(failed.status, (await failed.json()).error.code);
