// AI21's client: plain and streamed.
import { AI21 } from 'ai21';

const client = new AI21({ apiKey: 'k', baseURL: process.env.PROVIDER_URL });
const known = { model: 'jamba-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chat.completions.create(known)).choices[0].message.content);
for await (const chunk of await client.chat.completions.create({ ...known, stream: true }))
  console.log(chunk.choices[0].delta.content);
