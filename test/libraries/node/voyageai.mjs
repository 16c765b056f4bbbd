// Voyage's client: embeddings and rerank.
import { VoyageAIClient } from 'voyageai';

const client = new VoyageAIClient({ apiKey: 'k', environment: `${process.env.PROVIDER_URL}/v1` });
console.log((await client.embed({ input: ['one', 'two'], model: 'voyage-3.5' })).usage.totalTokens);
console.log(
  (await client.rerank({ query: 'q', documents: ['one', 'two'], model: 'rerank-2.5' })).data.map(({ index }) => index),
);
