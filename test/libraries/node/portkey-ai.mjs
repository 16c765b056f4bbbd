// Portkey's client of its gateway: plain and streamed.
import { Portkey } from 'portkey-ai';

const client = new Portkey({ apiKey: 'k', provider: 'openai', baseURL: `${process.env.PROVIDER_URL}/v1` });
const known = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chat.completions.create(known)).choices[0].message.content);
for await (const chunk of await client.chat.completions.create({ ...known, stream: true }))
  console.log(chunk.choices[0].delta.content);
