// OpenAI's client: plain and streamed, Responses, embeddings, tools, an error, a stream that breaks off.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k', maxRetries: 0 });
const model = 'gpt-4o-mini';
const ask = [{ role: 'user', content: 'What is the answer?' }];

const answer = await client.chat.completions.create({ model, messages: ask });
console.log(answer.choices[0].message.content, answer.usage.total_tokens);
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
const called = await client.chat.completions.create({
  model,
  tools,
  messages: [{ role: 'user', content: '<<tool: weather>>' }],
});
console.log(called.choices[0].message.tool_calls[0].function.arguments);
const counted = { stream: true, stream_options: { include_usage: true } };
for await (const chunk of await client.chat.completions.create({ model, messages: ask, ...counted })) {
  console.log(chunk.choices[0]?.delta.content, chunk.usage?.total_tokens);
}
const events = client.chat.completions.stream({ model, messages: ask });
console.log((await events.finalChatCompletion()).choices[0].message.content);
const { data, response } = await client.chat.completions.create({ model, messages: ask }).withResponse();
console.log(response.constructor.name, response.status, data.choices[0].finish_reason);
console.log((await client.responses.create({ model: 'gpt-4.1-mini', input: 'What is the answer?' })).output_text);
for await (const event of await client.responses.create({ model: 'gpt-4.1-mini', input: 'What?', stream: true }))
  console.log(event.type);
console.log((await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] })).data.length);
await client.chat.completions
  .create({ model, messages: [{ role: 'user', content: '<<error: 429>>' }] })
  .catch(error => console.log(error.constructor.name, error.code, error.status));
try {
  for await (const _ of await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: '<<cut>>' }],
    stream: true,
  }));
} catch (error) {
  console.log('broken off', error.constructor.name);
}
const many = await Promise.all(
  ['gpt-1', 'gpt-2', 'gpt-3'].map(each => client.chat.completions.create({ model: each, messages: ask })),
);
console.log(many.map(each => each.model));
