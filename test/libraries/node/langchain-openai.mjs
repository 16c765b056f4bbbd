// LangChain with OpenAI: invoke, stream, batch, tools, typed, embeddings.
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';

const configuration = { baseURL: `${process.env.PROVIDER_URL}/v1` };
const model = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'k', maxRetries: 0, configuration });
const answer = await model.invoke('What is the answer?');
console.log(answer.content, answer.usage_metadata.total_tokens);
for await (const chunk of await model.stream('What is the answer?')) console.log(chunk.content);
console.log((await model.batch(['one', 'two', 'three'])).length);
const weather = tool(({ city }) => `sunny in ${city}`, {
  name: 'weather',
  description: 'The weather',
  schema: z.object({ city: z.string() }),
});
console.log((await model.bindTools([weather]).invoke('<<tool: weather>>')).tool_calls[0].args);
console.log(await model.withStructuredOutput(z.object({ city: z.string() })).invoke('Which place?'));
const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', apiKey: 'k', configuration });
console.log((await embeddings.embedQuery('one')).length);
