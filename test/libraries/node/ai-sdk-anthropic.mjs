// The AI SDK with Anthropic: generateText, streamText.
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, streamText } from 'ai';

const provider = createAnthropic({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k' });
const model = provider('claude-haiku-4-5');
const known = { model, prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText(known)).text);
for await (const text of streamText(known).textStream) console.log(text);
