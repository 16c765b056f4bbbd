// Cohere's client: chat, streamed, embeddings, rerank.
import { CohereClientV2 } from 'cohere-ai';

const client = new CohereClientV2({ token: 'k', environment: process.env.PROVIDER_URL });
const known = { model: 'command-a-03-2025', messages: [{ role: 'user', content: 'What is the answer?' }] };
const answer = await client.chat(known);
console.log(answer.message.content[0].text, answer.finishReason);
for await (const event of await client.chatStream(known)) console.log(event.type);
const embedded = await client.embed({
  model: 'embed-v4.0',
  texts: ['one'],
  inputType: 'search_query',
  embeddingTypes: ['float'],
});
console.log(embedded.embeddings.float.length);
const ranked = await client.rerank({ model: 'rerank-v3.5', query: 'q', documents: ['one', 'two'] });
console.log(ranked.results.map(({ index }) => index));
