// Groq's client: plain, streamed, an error.
import Groq from 'groq-sdk';

const client = new Groq({ apiKey: 'k', baseURL: process.env.PROVIDER_URL, maxRetries: 0 });
const known = { model: 'llama-3.3-70b-versatile', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chat.completions.create(known)).choices[0].message.content);
for await (const chunk of await client.chat.completions.create({ ...known, stream: true }))
  console.log(chunk.choices[0].delta.content);
await client.chat.completions
  .create({ ...known, messages: [{ role: 'user', content: '<<error: 401>>' }] })
  .catch(error => console.log(error.constructor.name, error.status));
