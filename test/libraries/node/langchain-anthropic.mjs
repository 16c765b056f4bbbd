// LangChain with Anthropic: invoke, stream.
import { ChatAnthropic } from '@langchain/anthropic';

const model = new ChatAnthropic({
  model: 'claude-haiku-4-5',
  apiKey: 'k',
  anthropicApiUrl: process.env.PROVIDER_URL,
  maxRetries: 0,
});
console.log((await model.invoke('What is the answer?')).content);
for await (const chunk of await model.stream('What is the answer?')) console.log(chunk.content);
