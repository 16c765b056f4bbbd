// Anthropic's client for Bedrock: InvokeModel, plain and as an event stream.
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';

const client = new AnthropicBedrock({
  baseURL: process.env.PROVIDER_URL,
  awsRegion: 'us-east-1',
  awsAccessKey: 'a',
  awsSecretKey: 's',
  maxRetries: 0,
});
const model = 'anthropic.claude-3-5-haiku-20241022-v1:0';
const known = { model, max_tokens: 64, messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.messages.create(known)).content[0].text);
for await (const event of await client.messages.create({ ...known, stream: true })) console.log(event.type);
