// Cohere's client: chat, streamed, embeddings, rerank.
import dns from 'node:dns';
import { CohereClientV2 } from 'cohere-ai';

// The format is known on the provider's own host only, so that host is what the client asks, and it leads here.
const { lookup } = dns;
dns.lookup = (_host, options, done) => lookup('127.0.0.1', options, done);
const url = process.env.PROVIDER_URL.replace('127.0.0.1', 'api.cohere.com');

const client = new CohereClientV2({ token: 'k', environment: url });
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
