// Strands: an agent with a tool on OpenAI's API.
import { Agent, tool } from '@strands-agents/sdk';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';
import { z } from 'zod';

const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  callback: ({ city }) => `sunny in ${city}`,
});
const clientConfig = { baseURL: `${process.env.PROVIDER_URL}/v1`, maxRetries: 0 };
const model = new OpenAIModel({ api: 'chat', modelId: 'gpt-4o-mini', apiKey: 'k', clientConfig });
const agent = new Agent({ model, tools: [weather], printer: false });
console.log(String(await agent.invoke('<<tool: weather>>')));
