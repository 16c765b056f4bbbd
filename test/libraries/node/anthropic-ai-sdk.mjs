// Anthropic's client: plain and streamed, tools, an error.
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: process.env.PROVIDER_URL, apiKey: 'k', maxRetries: 0 });
const known = {
  model: 'claude-haiku-4-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'What is the answer?' }],
};
const answer = await client.messages.create(known);
console.log(answer.content[0].text, answer.usage.input_tokens, answer.stop_reason);
for await (const event of await client.messages.create({ ...known, stream: true })) console.log(event.type);
console.log((await client.messages.stream(known).finalMessage()).usage.output_tokens);
const input_schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const messages = [{ role: 'user', content: '<<tool: weather>>' }];
console.log(
  (await client.messages.create({ ...known, messages, tools: [{ name: 'weather', input_schema }] })).content[0].input,
);
await client.messages
  .create({ ...known, messages: [{ role: 'user', content: '<<error: 529>>' }] })
  .catch(error => console.log(error.constructor.name, error.status, error.error.error.type));
