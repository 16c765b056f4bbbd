// OpenAI's Agents SDK: a tool, a handoff, a streamed run.
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';

setTracingDisabled(true);
const client = new OpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k', maxRetries: 0 });
const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const helper = new Agent({
  name: 'helper',
  instructions: 'You help.',
  model: new OpenAIResponsesModel(client, 'gpt-4.1-mini'),
  tools: [weather],
});
console.log((await run(helper, '<<tool: weather>>')).finalOutput);
const first = new Agent({
  name: 'first',
  model: new OpenAIChatCompletionsModel(client, 'gpt-4o-mini'),
  handoffs: [helper],
});
const handed = await run(first, '<<tool: transfer_to_helper>>');
console.log(handed.finalOutput, handed.lastAgent.name);
const streamed = await run(helper, 'What is the answer?', { stream: true });
for await (const event of streamed) console.log(event.type);
