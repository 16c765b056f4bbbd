// OpenRouter's client: plain and streamed.
import { OpenRouter } from '@openrouter/sdk';

const client = new OpenRouter({ apiKey: 'k', serverURL: `${process.env.PROVIDER_URL}/api/v1` });
const known = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
const send = fields => client.chat.send({ chatRequest: { ...known, ...fields } });
console.log((await send({})).choices[0].message.content);
for await (const chunk of await send({ stream: true })) console.log(chunk.choices[0].delta.content);
