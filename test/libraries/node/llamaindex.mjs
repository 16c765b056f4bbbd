// LlamaIndex: an index in memory, a query, an agent with a tool.
import { OpenAI, OpenAIEmbedding } from '@llamaindex/openai';
import { agent } from '@llamaindex/workflow';
import { Document, Settings, tool, VectorStoreIndex } from 'llamaindex';
import { z } from 'zod';

const known = { apiKey: 'k', baseURL: `${process.env.PROVIDER_URL}/v1`, maxRetries: 0 };
Settings.llm = new OpenAI({ model: 'gpt-4o-mini', ...known });
Settings.embedModel = new OpenAIEmbedding({ model: 'text-embedding-3-small', ...known });
const index = await VectorStoreIndex.fromDocuments(['red', 'green', 'blue'].map(text => new Document({ text })));
console.log((await index.asQueryEngine({ similarityTopK: 1 }).query({ query: 'green?' })).toString());
const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `sunny in ${city}`,
});
console.log((await agent({ tools: [weather], llm: Settings.llm }).run('<<tool: weather>>')).data.result);
