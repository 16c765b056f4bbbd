// Voyage's client: embeddings and rerank.
import dns from 'node:dns';
import { VoyageAIClient } from 'voyageai';

// The format is known on the provider's own host only, so that host is what the client asks, and it leads here.
const { lookup } = dns;
dns.lookup = (_host, options, done) => lookup('127.0.0.1', options, done);
const url = process.env.PROVIDER_URL.replace('127.0.0.1', 'api.voyageai.com');

const client = new VoyageAIClient({ apiKey: 'k', environment: `${url}/v1` });
console.log((await client.embed({ input: ['one', 'two'], model: 'voyage-3.5' })).usage.totalTokens);
console.log(
  (await client.rerank({ query: 'q', documents: ['one', 'two'], model: 'rerank-2.5' })).data.map(({ index }) => index),
);
