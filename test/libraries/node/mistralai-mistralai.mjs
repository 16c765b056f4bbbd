// Mistral's client: chat, streamed, embeddings.
import { Mistral } from '@mistralai/mistralai';

const client = new Mistral({ apiKey: 'k', serverURL: process.env.PROVIDER_URL });
const known = { model: 'mistral-small-latest', messages: [{ role: 'user', content: 'What is the answer?' }] };
const answer = await client.chat.complete(known);
console.log(answer.choices[0].message.content, answer.usage.totalTokens);
for await (const { data } of await client.chat.stream(known)) console.log(data.choices[0].delta.content);
console.log((await client.embeddings.create({ model: 'mistral-embed', inputs: ['one'] })).data.length);
