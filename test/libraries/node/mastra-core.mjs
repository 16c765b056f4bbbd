// Mastra: an agent with a tool, generated and streamed.
import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

const openai = createOpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k' });
const weather = createTool({
  id: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => 'sunny',
});
const agent = new Agent({
  id: 'helper',
  name: 'helper',
  instructions: 'You help.',
  model: openai.chat('gpt-4o-mini'),
  tools: { weather },
});
console.log((await agent.generate('<<tool: weather>>')).text);
const streamed = await agent.stream('What is the answer?');
for await (const text of streamed.textStream) console.log(text);
