// LangChain's agent with a tool.
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';

const weather = tool(({ city }) => `sunny in ${city}`, {
  name: 'weather',
  description: 'The weather',
  schema: z.object({ city: z.string() }),
});
const configuration = { baseURL: `${process.env.PROVIDER_URL}/v1` };
const model = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'k', maxRetries: 0, configuration });
const agent = createAgent({ model, tools: [weather] });
const { messages } = await agent.invoke({ messages: [{ role: 'user', content: '<<tool: weather>>' }] });
console.log(messages.map(({ content }) => content));
