// Ollama's client: chat, generate, embed, streamed, an error.
import { Ollama } from 'ollama';

const client = new Ollama({ host: process.env.PROVIDER_URL });
const known = { model: 'llama3.2', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chat(known)).message.content);
for await (const part of await client.chat({ ...known, stream: true }))
  console.log(part.message.content, part.eval_count);
console.log((await client.generate({ model: 'llama3.2', prompt: 'What is the answer?' })).response);
console.log((await client.embed({ model: 'nomic-embed-text', input: ['one', 'two'] })).embeddings.length);
await client
  .chat({ ...known, messages: [{ role: 'user', content: '<<error: 500>>' }] })
  .catch(error => console.log(error.constructor.name, error.message));
