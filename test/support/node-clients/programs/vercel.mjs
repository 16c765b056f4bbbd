import { createOpenAI } from '@ai-sdk/openai';
import { embed, generateText, streamText } from 'ai';

const openai = createOpenAI({ baseURL: `${process.env.PROVIDER_URL}/openai/v1`, apiKey: 'sk-planted-key' });
const { text } = await generateText({ model: openai.chat('gpt-4o-mini'), prompt: 'hi', maxRetries: 0 });
console.log('generate', text);
let streamed = '';
for await (const part of streamText({ model: openai.chat('gpt-4o-mini'), prompt: 'hi' }).textStream) streamed += part;
console.log('stream', streamed);
console.log('responses', (await generateText({ model: openai('gpt-4.1-mini'), prompt: 'hi', maxRetries: 0 })).text);
const { embedding } = await embed({
  model: openai.embedding('text-embedding-3-small'),
  value: 'hi',
  maxRetries: 0,
}).catch(error => ({ embedding: [error.name] }));
console.log('embed', embedding.length);
