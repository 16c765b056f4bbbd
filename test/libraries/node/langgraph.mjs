// LangGraph: an agent with a tool, invoke and stream.
import { tool } from '@langchain/core/tools';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';

const weather = tool(({ city }) => `sunny in ${city}`, {
  name: 'weather',
  description: 'The weather',
  schema: z.object({ city: z.string() }),
});
const configuration = { baseURL: `${process.env.PROVIDER_URL}/v1` };
const model = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'k', maxRetries: 0, configuration }).bindTools([weather]);
const app = new StateGraph(MessagesAnnotation)
  .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode('tools', new ToolNode([weather]))
  .addEdge(START, 'model')
  .addConditionalEdges('model', ({ messages }) => (messages.at(-1).tool_calls?.length ? 'tools' : END))
  .addEdge('tools', 'model')
  .compile();
const ask = { messages: [{ role: 'user', content: '<<tool: weather>>' }] };
console.log((await app.invoke(ask)).messages.map(({ content }) => content));
for await (const step of await app.stream(ask)) console.log(Object.keys(step));
