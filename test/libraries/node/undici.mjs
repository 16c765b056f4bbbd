// undici: request, fetch, stream, its mock agent.
import { fetch, MockAgent, request, setGlobalDispatcher } from 'undici';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
const { body: answer } = await request(url, { method: 'POST', body: JSON.stringify(body) });
console.log((await answer.json()).usage.total_tokens);
console.log((await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()).model);
const { body: streamed } = await request(url, { method: 'POST', body: JSON.stringify({ ...body, stream: true }) });
console.log((await streamed.text()).length);
const agent = new MockAgent();
agent.disableNetConnect();
agent
  .get('https://api.openai.com')
  .intercept({ path: '/v1/chat/completions', method: 'POST' })
  .reply(200, { mocked: true });
setGlobalDispatcher(agent);
const mocked = await request('https://api.openai.com/v1/chat/completions', {
  method: 'POST',
  body: JSON.stringify(body),
});
console.log(await mocked.body.json());
