// The AI SDK with OpenRouter: generateText, streamText.
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText, streamText } from 'ai';

const provider = createOpenRouter({ baseURL: `${process.env.PROVIDER_URL}/api/v1`, apiKey: 'k' });
const model = provider.chat('openai/gpt-4o-mini');
const known = { model, prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText(known)).text);
for await (const text of streamText(known).textStream) console.log(text);
