import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: `${process.env.PROVIDER_URL}/anthropic`,
  apiKey: 'sk-planted-key',
  maxRetries: 0,
});
const asked = { model: 'claude-sonnet-4-5', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] };

const answer = await client.messages.create(asked);
console.log('messages', answer.content[0].text);
const stream = client.messages.stream(asked);
console.log('stream', (await stream.finalMessage()).content[0].text);
const tools = [{ name: 'weather', input_schema: { type: 'object' } }];
console.log('tools', (await client.messages.create({ ...asked, tools })).content[0].input.city);
try {
  await client.messages.create({ ...asked, model: 'claude-overloaded' });
} catch (error) {
  console.log('error', error.status);
}
