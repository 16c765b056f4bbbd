// A question, a stream, a tool that the model asks for and a call that fails, with the official client.
//
//   npm ci
//   openlit-instrument node app.mjs
//
// It talks to whatever OPENAI_BASE_URL and OPENAI_API_KEY say; nothing in here knows of OpenTelemetry.
import OpenAI from 'openai';

const client = new OpenAI({ maxRetries: 0 });
const model = 'gpt-4o-mini';

const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Current weather of a place',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

/** What a real tool would look up. */
function getWeather() {
  return { celsius: 21, sky: 'clear' };
}

async function ask() {
  const answer = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Name the largest moon of Saturn.' }],
    temperature: 0.2,
    max_tokens: 50,
  });
  console.log('answer:', answer.choices[0].message.content);
}

async function stream() {
  const chunks = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Write a haiku about tides, in English.' }],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? '';
  console.log('stream:', text.replaceAll('\n', ' / '));
}

async function useTool() {
  const messages = [{ role: 'user', content: 'What is the weather in Lisbon?' }];
  const first = await client.chat.completions.create({ model, messages, tools });
  const { message } = first.choices[0];
  messages.push(message);
  for (const call of message.tool_calls ?? []) {
    const result = getWeather(JSON.parse(call.function.arguments));
    messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) });
  }
  const second = await client.chat.completions.create({ model, messages, tools });
  console.log('tool:  ', second.choices[0].message.content);
}

async function fail() {
  try {
    await client.chat.completions.create({ model: 'gpt-nope', messages: [{ role: 'user', content: 'Hello?' }] });
  } catch (error) {
    console.log('error: ', error.message);
  }
}

await ask();
await stream();
await useTool();
await fail();
