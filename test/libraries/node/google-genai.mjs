// Google's client for Gemini: plain, streamed, tools, embeddings, an error.
import { GoogleGenAI } from '@google/genai';

const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: process.env.PROVIDER_URL } });
const model = 'gemini-2.5-flash';
const answer = await ai.models.generateContent({ model, contents: 'What is the answer?' });
console.log(answer.text, answer.usageMetadata.totalTokenCount);
for await (const chunk of await ai.models.generateContentStream({ model, contents: 'What is the answer?' }))
  console.log(chunk.text);
const parameters = { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] };
const config = { tools: [{ functionDeclarations: [{ name: 'weather', parameters }] }] };
console.log((await ai.models.generateContent({ model, contents: '<<tool: weather>>', config })).functionCalls);
console.log(
  (await ai.models.embedContent({ model: 'gemini-embedding-001', contents: ['one', 'two'] })).embeddings.length,
);
await ai.models
  .generateContent({ model, contents: '<<error: 429>>' })
  .catch(error => console.log(error.constructor.name, error.status));
