// Together's client: plain, streamed, embeddings.
import Together from 'together-ai';

const client = new Together({ apiKey: 'k', baseURL: `${process.env.PROVIDER_URL}/v1`, maxRetries: 0 });
const known = {
  model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
  messages: [{ role: 'user', content: 'What is the answer?' }],
};
console.log((await client.chat.completions.create(known)).choices[0].message.content);
for await (const chunk of await client.chat.completions.create({ ...known, stream: true }))
  console.log(chunk.choices[0].delta.content);
console.log((await client.embeddings.create({ model: 'BAAI/bge-base-en-v1.5', input: 'one' })).data.length);
