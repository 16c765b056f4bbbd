// Cerebras' client: plain and streamed.
import Cerebras from '@cerebras/cerebras_cloud_sdk';

const client = new Cerebras({
  apiKey: 'k',
  baseURL: process.env.PROVIDER_URL,
  maxRetries: 0,
  warmTCPConnection: false,
});
const known = { model: 'llama3.1-8b', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chat.completions.create(known)).choices[0].message.content);
for await (const chunk of await client.chat.completions.create({ ...known, stream: true }))
  console.log(chunk.choices[0].delta.content);
