// Writer's client: plain and streamed.
import Writer from 'writer-sdk';

const client = new Writer({ apiKey: 'k', baseURL: process.env.PROVIDER_URL, maxRetries: 0 });
const known = { model: 'palmyra-x5', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chat.chat(known)).choices[0].message.content);
for await (const chunk of await client.chat.chat({ ...known, stream: true }))
  console.log(chunk.choices[0].delta.content);
