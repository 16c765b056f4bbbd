// Azure's inference client: plain, embeddings.

import { AzureKeyCredential } from '@azure/core-auth';
import ModelClient from '@azure-rest/ai-inference';

const options = { allowInsecureConnection: true };
const client =
  ModelClient.default?.(`${process.env.PROVIDER_URL}/models`, new AzureKeyCredential('k'), options) ??
  ModelClient(`${process.env.PROVIDER_URL}/models`, new AzureKeyCredential('k'), options);
const messages = [{ role: 'user', content: 'What is the answer?' }];
const answer = await client.path('/chat/completions').post({ body: { model: 'Phi-4', messages } });
console.log(answer.status, answer.body.choices[0].message.content);
const embedded = await client.path('/embeddings').post({ body: { model: 'embed-v3', input: ['one'] } });
console.log(embedded.body.data.length);
