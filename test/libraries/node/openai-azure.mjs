// Azure OpenAI through OpenAI's client: the deployment is in the path.
import { AzureOpenAI } from 'openai';

const client = new AzureOpenAI({
  endpoint: process.env.PROVIDER_URL,
  apiVersion: '2024-10-21',
  apiKey: 'k',
  maxRetries: 0,
});
const messages = [{ role: 'user', content: 'What is the answer?' }];
console.log((await client.chat.completions.create({ model: 'gpt-4o', messages })).choices[0].message.content);
for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true })) {
  console.log(chunk.choices[0]?.delta.content);
}
console.log((await client.embeddings.create({ model: 'embed', input: 'one' })).data[0].embedding.length);
