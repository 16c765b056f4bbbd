// Calls with an `openai` client, by name, so that the CommonJS and the ESM build are used alike.
const messages = [{ role: 'user', content: 'hi' }];
const tool = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

const steps = {
  async chat(client) {
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, temperature: 0 });
    return answer.choices[0].message.content;
  },
  async tools(client) {
    const asked = { model: 'gpt-4o-mini', messages, tools: [tool] };
    const answer = await client.chat.completions.create(asked);
    return answer.choices[0].message.tool_calls[0].function.arguments;
  },
  async stream(client) {
    const stream = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  },
  async 'stream-without-usage'(client) {
    const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  },
  async 'stream-left-early'(client) {
    const stream = await client.chat.completions.create({ model: 'gpt-4o-long', messages, stream: true });
    let count = 0;
    for await (const _ of stream) if (++count === 3) break;
    return String(count);
  },
  async 'stream-broken'(client) {
    const stream = await client.chat.completions.create({ model: 'gpt-4o-broken', messages, stream: true });
    try {
      for await (const _ of stream);
      return 'whole';
    } catch (error) {
      return error.constructor.name;
    }
  },
  async responses(client) {
    return (await client.responses.create({ model: 'gpt-4.1-mini', input: 'hi' })).output_text;
  },
  async 'responses-stream'(client) {
    let text = '';
    const stream = await client.responses.create({ model: 'gpt-4.1-mini', input: 'hi', stream: true });
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
    return text;
  },
  async embeddings(client) {
    const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hi' });
    return String(answer.data[0].embedding.length);
  },
  async error(client) {
    try {
      await client.chat.completions.create({ model: 'error-401', messages });
      return 'no error';
    } catch (error) {
      return `${error.constructor.name} ${error.status}`;
    }
  },
  async models(client) {
    return (await client.models.list()).data[0].id;
  },
  async parallel(client) {
    const asked = { model: 'gpt-4o-mini', messages };
    const all = await Promise.all(Array.from({ length: 8 }, () => client.chat.completions.create(asked)));
    return String(all.length);
  },
  async upload(client) {
    const long = [{ role: 'user', content: 'x'.repeat(3 * 1024 * 1024) }];
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: long });
    return answer.choices[0].message.content;
  },
};

exports.run = async (OpenAI, names) => {
  const client = new OpenAI({
    baseURL: `${process.env.PROVIDER_URL}/openai/v1`,
    apiKey: 'sk-planted-key',
    maxRetries: 0,
  });
  for (const name of names) console.log(name, await steps[name](client));
};
