// Hugging Face's InferenceClient: chat plain and streamed.
import { InferenceClient } from '@huggingface/inference';

const client = new InferenceClient('k', { endpointUrl: process.env.PROVIDER_URL });
const known = { messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.chatCompletion(known)).choices[0].message.content);
for await (const chunk of client.chatCompletionStream(known)) console.log(chunk.choices[0].delta.content);
