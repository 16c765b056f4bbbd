// The AI SDK with Gemini: generateText, streamText.
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { generateText, streamText } from 'ai';

const provider = createGoogleGenerativeAI({ baseURL: `${process.env.PROVIDER_URL}/v1beta`, apiKey: 'k' });
const model = provider('gemini-2.5-flash');
const known = { model, prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText(known)).text);
for await (const text of streamText(known).textStream) console.log(text);
