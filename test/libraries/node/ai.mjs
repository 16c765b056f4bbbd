// The AI SDK: generateText, streamText, a tool loop, an object, embeddings; OpenAI by Responses and by chat.
import { createOpenAI } from '@ai-sdk/openai';
import { embed, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const openai = createOpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k' });
const known = { maxRetries: 0 };
console.log((await generateText({ ...known, model: openai('gpt-4.1-mini'), prompt: 'What is the answer?' })).text);
console.log(
  (await generateText({ ...known, model: openai.chat('gpt-4o-mini'), prompt: 'What is the answer?' })).usage
    .totalTokens,
);
for await (const text of streamText({ ...known, model: openai.chat('gpt-4o-mini'), prompt: 'What is the answer?' })
  .textStream)
  console.log(text);
const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const looped = await generateText({
  ...known,
  model: openai.chat('gpt-4o-mini'),
  prompt: '<<tool: weather>>',
  tools: { weather },
  stopWhen: stepCountIs(3),
});
console.log(looped.text, looped.steps.length);
const output = Output.object({ schema: z.object({ city: z.string() }) });
console.log(
  (await generateText({ ...known, model: openai.chat('gpt-4o-mini'), prompt: 'Which place?', output })).output,
);
console.log(
  (await embed({ ...known, model: openai.embedding('text-embedding-3-small'), value: 'one' })).embedding.length,
);
