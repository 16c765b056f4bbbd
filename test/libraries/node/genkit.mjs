// Genkit: generate with a tool, streamed, through the OpenAI plugin.
import { openAI } from '@genkit-ai/compat-oai/openai';
import { genkit, z } from 'genkit';
import { logger } from 'genkit/logging';

logger.setLogLevel('error');
const ai = genkit({ plugins: [openAI({ apiKey: 'k', baseURL: `${process.env.PROVIDER_URL}/v1`, maxRetries: 0 })] });
const model = openAI.model('gpt-4o-mini');
const weather = ai.defineTool(
  {
    name: 'weather',
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    outputSchema: z.string(),
  },
  async ({ city }) => `sunny in ${city}`,
);
console.log((await ai.generate({ model, prompt: '<<tool: weather>>', tools: [weather] })).text);
const { stream, response } = ai.generateStream({ model, prompt: 'What is the answer?' });
for await (const chunk of stream) console.log(chunk.text);
console.log((await response).finishReason);
