// Makes recorded calls again, each through the provider's own client: one JSON job a line on stdin, one answer on stdout.
// {"id", "library", "url", "body", "headers"} -> {"id"} or {"id", "error"}.
import readline from 'node:readline';

const KEY = 'sk-planted-key-0123456789abcdef';

/** One client for each set of options. */
const clients = new Map();
async function client(name, options, make) {
  const key = JSON.stringify([name, options]);
  if (!clients.has(key)) clients.set(key, await make(options));
  return clients.get(key);
}

async function consume(stream) {
  for await (const _ of stream);
}

const OPENAI = {
  '/chat/completions': client => client.chat.completions,
  '/responses': client => client.responses,
  '/completions': client => client.completions,
  '/embeddings': client => client.embeddings,
};

async function openai(url, body, headers) {
  const tail = Object.keys(OPENAI).find(tail => url.pathname.endsWith(tail));
  const { AzureOpenAI, OpenAI } = await import('openai');
  const azure = /\/openai\/deployments\/([^/]+)\//.exec(url.pathname);
  const common = { apiKey: KEY, maxRetries: 0, timeout: 30_000 };
  const made = azure
    ? await client(
        'azure',
        { endpoint: url.origin, deployment: azure[1], apiVersion: url.searchParams.get('api-version') },
        options => new AzureOpenAI({ ...common, ...options }),
      )
    : await client(
        'openai',
        { baseURL: url.origin + url.pathname.slice(0, -tail.length) },
        options => new OpenAI({ ...common, ...options }),
      );
  const answer = await OPENAI[tail](made).create(body, { headers });
  if (body.stream === true) await consume(answer);
}

async function anthropic(url, body, headers) {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const made = await client(
    'anthropic',
    { baseURL: url.origin },
    options => new Anthropic({ apiKey: KEY, maxRetries: 0, timeout: 30_000, ...options }),
  );
  const messages = url.searchParams.get('beta') === 'true' ? made.beta.messages : made.messages;
  const answer = await messages.create(body, { headers });
  if (body.stream === true) await consume(answer);
}

async function googleGenai(url, body) {
  const { GoogleGenAI } = await import('@google/genai');
  const place = /\/projects\/([^/]+)\/locations\/([^/]+)\//.exec(url.pathname);
  const apiVersion = url.pathname.split('/')[1];
  const made = await client('google', { origin: url.origin, place: place?.slice(1), apiVersion }, () => {
    const httpOptions = { baseUrl: url.origin, apiVersion };
    if (!place) return new GoogleGenAI({ apiKey: KEY, httpOptions });
    const authClient = { getRequestHeaders: async () => new Headers({ authorization: `Bearer ${KEY}` }) };
    const googleAuthOptions = { authClient };
    return new GoogleGenAI({ vertexai: true, project: place[1], location: place[2], googleAuthOptions, httpOptions });
  });
  const [, model, method] = /\/models\/([^/:]+):(\w+)/.exec(url.pathname);
  const config = { httpOptions: { extraBody: body } };
  if (method === 'batchEmbedContents') {
    await made.models.embedContent({ model, contents: (body.requests ?? [0]).map(() => 'text'), config });
  } else if (method === 'streamGenerateContent') {
    await consume(await made.models.generateContentStream({ model, contents: 'text', config }));
  } else await made.models.generateContent({ model, contents: 'text', config });
}

/** Vercel's: it writes the request itself, so only simple chats are given to it. */
async function ai(url, body) {
  const { createOpenAI } = await import('@ai-sdk/openai');
  const { generateText, streamText } = await import('ai');
  const made = await client('ai', { baseURL: url.origin + url.pathname.replace(/\/chat\/completions$/, '') }, options =>
    createOpenAI({ apiKey: KEY, ...options }),
  );
  const call = {
    model: made.chat(body.model),
    messages: body.messages.filter(({ role }) => role !== 'system'),
    system: body.messages.find(({ role }) => role === 'system')?.content,
    maxRetries: 0,
    onError: () => {},
    ...(body.temperature === undefined ? {} : { temperature: body.temperature }),
    ...(body.max_tokens === undefined ? {} : { maxOutputTokens: body.max_tokens }),
  };
  if (body.stream === true) await consume(streamText(call).textStream);
  else await generateText(call);
}

/** In JSON the API's blobs are base64; the client takes bytes. */
function withBytes(value) {
  if (Array.isArray(value)) return value.map(withBytes);
  if (value === null || typeof value !== 'object') return value;
  const isBlob = (name, item) => (name === 'bytes' || name === 'redactedContent') && typeof item === 'string';
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      isBlob(name, item) ? Buffer.from(item, 'base64') : withBytes(item),
    ]),
  );
}

async function bedrock(url, body) {
  const aws = await import('@aws-sdk/client-bedrock-runtime');
  const region = /bedrock-runtime\.([^.]+)\./.exec(url.host)?.[1] ?? 'us-east-1';
  const made = await client('bedrock', { region, endpoint: url.origin }, options => {
    const credentials = { accessKeyId: 'AKIAPLANTEDKEY000000', secretAccessKey: KEY };
    return new aws.BedrockRuntimeClient({ ...options, credentials, maxAttempts: 1 });
  });
  const [, encoded, method] = /\/model\/(.+)\/([^/]+)$/.exec(url.pathname);
  const modelId = decodeURIComponent(encoded);
  if (method === 'converse') await made.send(new aws.ConverseCommand({ modelId, ...withBytes(body) }));
  else if (method === 'converse-stream') {
    const answer = await made.send(new aws.ConverseStreamCommand({ modelId, ...withBytes(body) }));
    await consume(answer.stream);
  } else {
    const input = { modelId, body: JSON.stringify(body), contentType: 'application/json' };
    if (method === 'invoke') await made.send(new aws.InvokeModelCommand(input));
    else await consume((await made.send(new aws.InvokeModelWithResponseStreamCommand(input))).body);
  }
}

const LIBRARIES = {
  openai,
  '@anthropic-ai/sdk': anthropic,
  '@google/genai': googleGenai,
  ai,
  '@aws-sdk/client-bedrock-runtime': bedrock,
};

process.stdout.write(`${JSON.stringify({ ready: process.pid })}\n`);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const answer = { id: job.id };
  try {
    await LIBRARIES[job.library](new URL(job.url), job.body, job.headers);
  } catch (error) {
    answer.error = `${error.name}: ${error.message}`.slice(0, 500);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
