// Anthropic's client for Vertex: rawPredict and streamRawPredict.
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';

const client = new AnthropicVertex({
  baseURL: `${process.env.PROVIDER_URL}/v1`,
  region: 'us-east5',
  projectId: 'p',
  authClient: { getRequestHeaders: async () => new Headers({ authorization: 'Bearer t' }) },
  maxRetries: 0,
});
const known = {
  model: 'claude-haiku-4-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'What is the answer?' }],
};
console.log((await client.messages.create(known)).content[0].text);
for await (const event of await client.messages.create({ ...known, stream: true })) console.log(event.type);
