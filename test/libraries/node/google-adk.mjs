// Google's ADK: an agent with a tool on Gemini.
import { FunctionTool, Gemini, InMemoryRunner, LlmAgent } from '@google/adk';
import { z } from 'zod';

process.env.GOOGLE_GEMINI_BASE_URL = process.env.PROVIDER_URL;
const weather = new FunctionTool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => ({ report: `sunny in ${city}` }),
});
const model = new Gemini({ model: 'gemini-2.5-flash', apiKey: 'k' });
const agent = new LlmAgent({ name: 'helper', model, instruction: 'You help.', tools: [weather] });
const runner = new InMemoryRunner({ agent, appName: 'app' });
const session = await runner.sessionService.createSession({ appName: 'app', userId: 'one' });
const newMessage = { role: 'user', parts: [{ text: '<<tool: weather>>' }] };
for await (const event of runner.runAsync({ userId: 'one', sessionId: session.id, newMessage })) {
  console.log(
    event.author,
    event.content?.parts.map(({ text }) => text ?? 'tool'),
  );
}
