// Google's former client for Gemini: plain and streamed.
import { GoogleGenerativeAI } from '@google/generative-ai';

const ai = new GoogleGenerativeAI('k');
const model = ai.getGenerativeModel({ model: 'gemini-2.5-flash' }, { baseUrl: process.env.PROVIDER_URL });
console.log((await model.generateContent('What is the answer?')).response.text());
for await (const chunk of (await model.generateContentStream('What is the answer?')).stream) console.log(chunk.text());
