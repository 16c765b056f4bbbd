// The AI SDK with any server that speaks OpenAI: generateText, streamText.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';

const provider = createOpenAICompatible({ name: 'local', baseURL: `${process.env.PROVIDER_URL}/v1` });
const model = provider('gpt-4o-mini');
const known = { model, prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText(known)).text);
for await (const text of streamText(known).textStream) console.log(text);
