// The AI SDK with Mistral: generateText, streamText.
import { createMistral } from '@ai-sdk/mistral';
import { generateText, streamText } from 'ai';

const provider = createMistral({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k' });
const model = provider('mistral-small-latest');
const known = { model, prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText(known)).text);
for await (const text of streamText(known).textStream) console.log(text);
