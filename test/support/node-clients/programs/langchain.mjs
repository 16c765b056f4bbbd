import { ChatOpenAI } from '@langchain/openai';

const configuration = { baseURL: `${process.env.PROVIDER_URL}/openai/v1` };
const model = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'sk-planted-key', maxRetries: 0, configuration });
console.log('invoke', (await model.invoke('hi')).content);
let text = '';
for await (const chunk of await model.stream('hi')) text += chunk.content;
console.log('stream', text);
