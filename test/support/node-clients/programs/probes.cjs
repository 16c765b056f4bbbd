// What a program can notice of the `openai` and `@anthropic-ai/sdk` packages: one line a probe. Bare and observed, the
// lines must be the same. Each probe says types, names, orders and contents, never times.
const Anthropic = require('@anthropic-ai/sdk').default;
const OpenAI = require('openai').default;
const { zodResponseFormat, zodTextFormat } = require('openai/helpers/zod');
const { z } = require('zod');

const base = process.env.PROVIDER_URL;
const openai = new OpenAI({ baseURL: `${base}/openai/v1`, apiKey: 'sk-planted-key', maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: `${base}/anthropic`, apiKey: 'sk-planted-key', maxRetries: 0 });
const messages = [{ role: 'user', content: 'hi' }];
const chat = { model: 'gpt-4o-mini', messages };
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } };
const long = { model: 'gpt-4o-long', messages, stream: true };
const claude = { model: 'claude-sonnet-4-5', max_tokens: 64, messages };
const Trip = z.object({ city: z.string(), days: z.number() });
const weather = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
console.warn = () => {};

const kind = value => `${typeof value}:${value?.constructor?.name}`;
const own = value => `${Object.getOwnPropertyNames(value).sort()}|${Object.getOwnPropertySymbols(value).map(String)}`;
async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk.choices?.[0]?.delta?.content ?? '';
  return text;
}
async function claudeText(stream) {
  const names = [];
  for await (const event of stream) names.push(event.type);
  return names.join();
}
async function failure(promise) {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return [
      error.constructor.name,
      error.name,
      error.status,
      error.code,
      error.type,
      error.requestID,
      error.message,
    ].join();
  }
}
const rest = ms => new Promise(resolve => setTimeout(resolve, ms));

const probes = {
  'create returns': async () => {
    const promise = openai.chat.completions.create(chat);
    const line = `${kind(promise)} ${own(promise)}`;
    await promise;
    return line;
  },
  'create is a method of this name and length': () => {
    const { create } = openai.chat.completions;
    return [create.name, create.length, Object.getOwnPropertyNames(OpenAI.Chat.Completions.prototype)].join();
  },
  'answer has these keys': async () => own(await openai.chat.completions.create(chat)),
  'chat withResponse': async () => {
    const { data, response, request_id } = await openai.chat.completions.create(chat).withResponse();
    return [kind(data), kind(response), response.status, request_id, response.headers.get('content-type')].join();
  },
  'chat asResponse': async () => {
    const response = await openai.chat.completions.create(chat).asResponse();
    return [kind(response), response.bodyUsed, (await response.json()).id].join();
  },
  'chat stream withResponse': async () => {
    const { data, response } = await openai.chat.completions.create(streamed).withResponse();
    return [kind(data), response.status, await textOf(data)].join();
  },
  'stream is': async () => {
    const stream = await openai.chat.completions.create(streamed);
    const line = `${kind(stream)} ${own(stream)} ${kind(stream.controller)}`;
    await textOf(stream);
    return line;
  },
  'stream for await': async () => textOf(await openai.chat.completions.create(streamed)),
  'stream break aborts': async () => {
    const stream = await openai.chat.completions.create(long);
    let count = 0;
    for await (const _ of stream) if (++count === 2) break;
    return [count, stream.controller.signal.aborted].join();
  },
  'stream tee': async () => {
    const [left, right] = (await openai.chat.completions.create(streamed)).tee();
    return (await Promise.all([textOf(left), textOf(right)])).join('|');
  },
  'stream toReadableStream': async () => {
    const stream = await openai.chat.completions.create(streamed);
    return (await new Response(stream.toReadableStream()).text()).length;
  },
  'stream consumed twice': async () => {
    const stream = await openai.chat.completions.create(streamed);
    await textOf(stream);
    return failure(textOf(stream));
  },
  'controller abort inside the loop': async () => {
    const stream = await openai.chat.completions.create(long);
    let count = 0;
    const reading = (async () => {
      for await (const _ of stream) if (++count === 2) stream.controller.abort();
    })();
    return `${await failure(reading)} ${stream.controller.signal.aborted}`;
  },
  'controller abort outside the loop': async () => {
    const stream = await openai.chat.completions.create(long);
    const reading = failure(textOf(stream));
    await rest(80);
    stream.controller.abort();
    return reading;
  },
  'signal aborts a call': async () => {
    const controller = new AbortController();
    const calling = failure(openai.chat.completions.create(long, { signal: controller.signal }));
    await rest(5);
    controller.abort();
    return calling;
  },
  timeout: async () => failure(openai.chat.completions.create({ ...long }, { timeout: 5 })),
  'stream: true typed later': async () => textOf(await openai.chat.completions.create({ ...long, model: 'gpt-4o' })),
  'chat.completions.stream events': async () => {
    const names = [];
    const runner = openai.chat.completions.stream(streamed);
    for (const name of ['connect', 'content', 'finalChatCompletion', 'end']) runner.on(name, () => names.push(name));
    const final = await runner.finalChatCompletion();
    return [names, final.choices[0].message.content, final.usage?.total_tokens].join();
  },
  'chat.completions.parse': async () => {
    const asked = { ...chat, model: 'gpt-4o-json', response_format: zodResponseFormat(Trip, 'trip') };
    return JSON.stringify((await openai.chat.completions.parse(asked)).choices[0].message.parsed);
  },
  runTools: async () => {
    const tool = {
      ...weather,
      function: { ...weather.function, parse: JSON.parse, function: ({ city }) => `cold in ${city}` },
    };
    const runner = openai.chat.completions.runTools({ ...chat, tools: [tool] });
    return [await runner.finalContent(), runner.messages.length].join();
  },
  'tool call': async () => {
    const answer = await openai.chat.completions.create({ ...chat, tools: [weather] });
    return JSON.stringify(answer.choices[0].message);
  },
  'tool call stream': async () => {
    let text = '';
    for await (const chunk of await openai.chat.completions.create({
      model: 'gpt-4o-tools',
      messages,
      stream: true,
      tools: [weather],
    }))
      text += chunk.choices[0].delta.tool_calls?.[0]?.function?.arguments ?? '';
    return text;
  },
  'request object is left alone': async () => {
    const asked = { model: 'gpt-4o-tools', messages, stream: true, tools: [weather] };
    const before = JSON.stringify(asked);
    await textOf(await openai.chat.completions.create(asked));
    return [JSON.stringify(asked) === before, own(asked)].join();
  },
  'frozen request object': async () => {
    const asked = Object.freeze({ ...long, model: 'gpt-4o', messages: Object.freeze([...messages]) });
    return textOf(await openai.chat.completions.create(asked));
  },
  'answer without usage': async () => own(await openai.chat.completions.create({ model: 'no-usage', messages })),
  'answer without choices': async () =>
    (await openai.chat.completions.create({ model: 'no-choices', messages })).choices.length,
  'chunk without choices': async () =>
    textOf(await openai.chat.completions.create({ model: 'no-chunk-choices', messages, stream: true })),
  'chunk without delta': async () =>
    textOf(await openai.chat.completions.create({ model: 'no-chunk-delta', messages, stream: true })),
  'error 401': () => failure(openai.chat.completions.create({ model: 'error-401', messages })),
  'error 500': () => failure(openai.chat.completions.create({ model: 'error-500', messages })),
  'error in a stream': async () =>
    failure(textOf(await openai.chat.completions.create({ model: 'gpt-4o-broken', messages, stream: true }))),
  _request_id: async () => (await openai.chat.completions.create(chat))._request_id,
  'request without await': async () => {
    openai.chat.completions.create(chat).then(() => {});
    await rest(60);
    return 'sent';
  },
  'unhandled rejection reaches the program': async () => {
    const seen = new Promise(resolve => process.once('unhandledRejection', error => resolve(error.constructor.name)));
    openai.chat.completions.create({ model: 'error-401', messages });
    return seen;
  },
  'responses.create': async () => {
    const { data, request_id } = await openai.responses.create({ model: 'gpt-4.1-mini', input: 'hi' }).withResponse();
    return [data.output_text, own(data), request_id].join();
  },
  'responses stream': async () => {
    const names = [];
    for await (const event of await openai.responses.create({ model: 'gpt-4.1-mini', input: 'hi', stream: true }))
      names.push(event.type);
    return names.join();
  },
  'responses.stream helper': async () => {
    const runner = openai.responses.stream({ model: 'gpt-4.1-mini', input: 'hi' });
    return (await runner.finalResponse()).output_text;
  },
  'responses.parse': async () => {
    const asked = { model: 'gpt-4.1-json', input: 'hi', text: { format: zodTextFormat(Trip, 'trip') } };
    return JSON.stringify((await openai.responses.parse(asked)).output_parsed);
  },
  embeddings: async () => {
    const { data } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'hi' }).withResponse();
    return [data.data[0].embedding.length, own(data)].join();
  },
  'anthropic create and withResponse': async () => {
    const promise = anthropic.messages.create(claude);
    const { data, request_id } = await promise.withResponse();
    const response = await anthropic.messages.create(claude).asResponse();
    return [kind(promise), own(data), request_id, (await response.json()).id].join();
  },
  'anthropic messages.stream': async () => {
    const names = [];
    const runner = anthropic.messages.stream(claude);
    for (const name of ['connect', 'text', 'message', 'finalMessage', 'end']) runner.on(name, () => names.push(name));
    return [(await runner.finalMessage()).content[0].text, names].join();
  },
  'anthropic stream, tee and break': async () => {
    const asked = { ...claude, stream: true };
    const [left, right] = (await anthropic.messages.create(asked)).tee();
    const both = await Promise.all([claudeText(left), claudeText(right)]);
    const stream = await anthropic.messages.create(asked);
    for await (const _ of stream) break;
    return [...both, stream.controller.signal.aborted, kind(stream)].join('|');
  },
  'anthropic beta, tools and errors': async () => {
    const beta = await anthropic.beta.messages.create(claude);
    const tools = await anthropic.messages.create({
      ...claude,
      tools: [{ name: 'weather', input_schema: { type: 'object' } }],
    });
    const failed = await failure(anthropic.messages.create({ ...claude, model: 'claude-overloaded' }));
    return [beta.content[0].text, tools.content[0].name, tools.stop_reason, failed].join();
  },
};

(async () => {
  for (const [name, probe] of Object.entries(probes)) {
    let line;
    try {
      line = await probe();
    } catch (error) {
      line = `throws ${error.constructor.name}: ${error.message}`;
    }
    console.log(`${name}: ${line}`);
  }
  console.log(`${Object.keys(probes).length} probes`);
})();
