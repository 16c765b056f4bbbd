// What client libraries give to a program, looked at from all sides: `clients.cjs BASE SECURE LIBRARY…`.
// BASE and SECURE are a server that behaves as the first part of a path says: ok, refuse, busy, slow, cut.
const fs = require('node:fs');
const { attempt, done, failed, look, lookAtModule, lookAtProcess, masked, named, say, stackOf } = require('./look.cjs');

// A frame more must not push another one out of a trace.
Error.stackTraceLimit = 100;
if (process.env.PLANTED) require(process.env.PLANTED);

const [base, secure, ...libraries] = process.argv.slice(2);
const NOWHERE = 'http://127.0.0.1:1';
const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'hi' }];
const BODY = { model: 'gpt-4o-mini', messages };
const STREAM = { ...BODY, stream: true };
const MODES = ['refuse', 'busy', 'slow', 'nowhere'];

const at = mode => (mode === 'nowhere' ? NOWHERE : `${base}/${mode}`);
/** Milliseconds; the slow server takes longer, and on a busy machine any other may. */
const patience = mode => (mode === 'slow' ? 300 : 20_000);
const json = body => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Runs it, and looks at what it gives or throws. */
async function tried(name, run) {
  try {
    look(name, await run(), / left$/.test(name) ? 0 : 2);
  } catch (error) {
    failed(name, error);
  }
}

/** A stream that is read to its end, and asked again. */
async function walked(name, stream) {
  const kinds = [];
  for await (const item of stream) kinds.push(named(item));
  say(name, 'items', kinds.length > 0 ? [...new Set(kinds)] : 'none');
  try {
    let again = 0;
    for await (const _ of stream) again += 1;
    say(name, 'again', again);
  } catch (error) {
    failed(`${name} again`, error);
  }
  return stream;
}

/** A stream that is left after its first item. */
async function left(name, stream) {
  for await (const item of stream) {
    say(name, 'first', named(item));
    break;
  }
  return stream;
}

// --- Node's own --------------------------------------------------------------------------------------------------------

/** Every event that an emitter tells, in order; of a socket, whose end comes before or after its answer's, only which. */
function overheard(name, emitter, ordered = true) {
  const { emit } = emitter;
  const told = [];
  emitter.emit = function (event, ...rest) {
    told.push(`${String(event)} ${rest.map(named)}`);
    return emit.call(this, event, ...rest);
  };
  // In how many pieces an answer comes is the machine's.
  const isPiece = one => /^(data|readable) /.test(one);
  const once = () => told.filter((one, index) => !isPiece(one) || told.indexOf(one) === index);
  const kinds = () => [...new Set(told)].filter(one => !/^(end|readable) /.test(one)).sort();
  emitter.once('close', () => setImmediate(() => say(name, 'events', ordered ? once() : kinds())));
}

function over(module, name, origin, options = {}) {
  const asked = (mode, body, more = {}) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const url = mode === 'nowhere' ? `${NOWHERE.replace('http', name)}${CHAT}` : `${origin}/${mode}${CHAT}`;
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const request = module.request(url, { method: 'POST', headers, agent: false, ...options, ...more.options });
      overheard(`${name} ${mode} request`, request);
      request.on('socket', socket => {
        overheard(`${name} ${mode} socket`, socket, false);
        socket.once('connect', () => look(`${name} ${mode} socket at connect`, socket, 0));
      });
      request.on('response', answer => {
        overheard(`${name} ${mode} answer`, answer);
        answer.socket.once('data', () => say(`${name} ${mode}`, 'stack in data', stackOf(new Error('here'))));
        resolve({ request, answer });
      });
      request.on('error', reject).setTimeout(patience(mode), () => request.destroy(new Error('too slow')));
      request.end(text);
    });

  return async () => {
    const agent = new module.Agent({ keepAlive: true });
    await tried(`${name} whole`, async () => {
      const { request, answer } = await asked('ok', BODY);
      look(`${name} open request`, request, 1);
      look(`${name} open socket`, answer.socket, 1);
      await walked(`${name} whole`, answer);
      return answer;
    });
    await tried(`${name} stream`, async () => walked(`${name} stream`, (await asked('ok', STREAM)).answer));
    await tried(`${name} left`, async () => left(`${name} left`, (await asked('ok', STREAM)).answer));
    await tried(`${name} cut`, async () => walked(`${name} cut`, (await asked('cut', STREAM)).answer));
    for (const mode of MODES) await tried(`${name} ${mode}`, async () => (await asked(mode, BODY)).answer.resume());
    for (let time = 0; time < 2; time++) {
      const { request, answer } = await asked('ok', BODY, { options: { agent } });
      await new Promise(resolve => answer.resume().on('close', resolve));
      say(`${name} kept ${time}`, 'reused', request.reusedSocket);
    }
    // That of TLS keeps sessions, which are secrets of the moment.
    if (name === 'http') look(`${name} agent`, agent, 2);
    agent.destroy();
    await tried(`${name} pipe`, async () => {
      const { answer } = await asked('ok', STREAM);
      const { PassThrough } = require('node:stream');
      const through = answer.pipe(new PassThrough());
      return [await new Response(require('node:stream').Readable.toWeb(through)).text()];
    });
    failed(`${name} bad port`, attempt(() => module.request({ port: 99_999 })) ?? {});
  };
}

/** `net.Socket` itself, and what a program's own functions see of their callers. */
async function net() {
  const module = require('node:net');
  const { port } = new URL(base);
  const text = JSON.stringify(BODY);
  await tried(
    'net whole',
    () =>
      new Promise((resolve, reject) => {
        const socket = module.connect(Number(port), '127.0.0.1');
        overheard('net whole', socket, false);
        socket.on('error', reject).on('close', () => resolve(socket));
        socket.once('data', () => say('net whole', 'stack in data', stackOf(new Error('here'))));
        look('net fresh', socket, 1);
        socket.end(
          `POST /ok${CHAT} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n` +
            `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        );
      }),
  );
  for (const wrong of [{ port: 99_999 }, { path: 7 }, undefined]) {
    try {
      new module.Socket().connect(wrong).on('error', () => {});
    } catch (error) {
      failed(`net connect ${JSON.stringify(wrong)}`, error);
    }
  }
  for (const wrong of [7, null, undefined, {}]) {
    try {
      new module.Socket().on('error', () => {}).write(wrong);
    } catch (error) {
      failed(`net write ${wrong}`, error);
    }
  }
  class Own extends module.Socket {
    connect(...given) {
      say('net own', 'arguments', given.map(named));
      return super.connect(...given);
    }
    _destroy(error, callback) {
      say('net own', 'stack in _destroy', stackOf(new Error('here')));
      super._destroy(error, callback);
    }
    push(chunk, ...rest) {
      say('net own', 'pushed', [named(chunk), rest.length]);
      return super.push(chunk, ...rest);
    }
  }
  await tried(
    'net own',
    () =>
      new Promise(resolve => {
        const socket = new Own();
        socket.connect(Number(port), '127.0.0.1', () =>
          socket.end('GET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
        );
        socket.resume().on('close', () => resolve(socket));
      }),
  );
  await tried(
    'net lookup',
    () =>
      new Promise(resolve => {
        const lookup = (_, __, done) => {
          say('net lookup', 'stack', stackOf(new Error('here')));
          done(new Error('no such name'));
        };
        module.connect({ port: 1, host: 'no.name', lookup }).on('error', resolve);
      }),
  );
}

async function http2() {
  const module = require('node:http2');
  const server = module.createServer((request, response) => {
    request.resume().on('end', () => response.end('{"id":"h2"}'));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const session = module.connect(`http://127.0.0.1:${server.address().port}`);
  await tried(
    'http2',
    () =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':method': 'POST', ':path': CHAT, 'content-type': 'application/json' });
        overheard('http2 stream', stream);
        stream.on('response', headers => look('http2 headers', headers, 1));
        stream
          .on('error', reject)
          .on('close', () => resolve(stream))
          .resume();
        look('http2 open', stream, 1);
        stream.end(JSON.stringify(BODY));
      }),
  );
  look('http2 session', session, 1);
  for (const wrong of [{ ':method': 7 }, { connection: 'close' }]) {
    try {
      session.request(wrong).on('error', () => {});
    } catch (error) {
      failed(`http2 ${JSON.stringify(wrong)}`, error);
    }
  }
  await new Promise(resolve => session.close(resolve));
  failed(
    'http2 closed',
    await new Promise(
      resolve => attempt(() => session.request({}).on('error', resolve)) instanceof Object || resolve('thrown'),
    ),
  );
  server.close();
}

/** A function with the shape of `fetch`. */
const fetching =
  (name, fetch, more = {}) =>
  async () => {
    const asked = (mode, body = BODY, options = {}) =>
      fetch(`${at(mode)}${CHAT}`, { ...json(body), signal: AbortSignal.timeout(patience(mode)), ...more, ...options });
    await tried(`${name} whole`, async () => {
      const answer = await asked('ok');
      look(`${name} open`, answer);
      say(name, 'clone', [named(answer.clone()), await answer.clone().text().then(masked)]);
      await answer.json();
      return answer;
    });
    await tried(`${name} twice`, async () => {
      const answer = await asked('ok');
      await answer.text();
      return answer.text();
    });
    await tried(`${name} stream`, async () => walked(`${name} stream`, (await asked('ok', STREAM)).body));
    await tried(`${name} left`, async () => left(`${name} left`, (await asked('ok', STREAM)).body));
    await tried(`${name} reader`, async () => {
      const { body } = await asked('ok', STREAM);
      const [one, other] = body.tee();
      // Done when both are.
      const cancelled = other.cancel('enough');
      const reader = one.getReader();
      say(name, 'read', named((await reader.read()).value));
      await Promise.all([reader.cancel('enough'), cancelled]);
      return [await reader.read(), await reader.closed.then(() => 'closed')];
    });
    await tried(`${name} unread`, () => asked('ok', STREAM));
    await tried(`${name} cut`, async () => (await asked('cut', STREAM)).text());
    await tried(`${name} aborted`, async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      return asked('slow', BODY, { signal: controller.signal });
    });
    await tried(`${name} aborted with a reason`, async () => {
      const controller = new AbortController();
      const { body } = await asked('ok', STREAM, { signal: controller.signal });
      controller.abort(new Error('a reason'));
      return walked(`${name} aborted`, body);
    });
    for (const mode of MODES) await tried(`${name} ${mode}`, async () => (await asked(mode)).text());
    await tried(`${name} malformed`, () => fetch('http://127.0.0.1:99999/v1/models'));
  };

async function undici() {
  const library = require('undici');
  await fetching('undici fetch', library.fetch)();
  const agent = new library.Agent();
  const asked = (mode, body = BODY) => {
    const time = patience(mode);
    return library.request(`${at(mode)}${CHAT}`, {
      ...json(body),
      dispatcher: agent,
      headersTimeout: time,
      bodyTimeout: time,
    });
  };
  await tried('undici whole', async () => {
    const answer = await asked('ok');
    look('undici open', answer, 1);
    return [await answer.body.json()];
  });
  await tried('undici stream', async () => walked('undici stream', (await asked('ok', STREAM)).body));
  await tried('undici left', async () => left('undici left', (await asked('ok', STREAM)).body));
  await tried('undici cut', async () => (await asked('cut', STREAM)).body.text());
  for (const mode of MODES.filter(mode => mode !== 'slow'))
    await tried(`undici ${mode}`, async () => (await asked(mode)).body.text());
  look('undici agent', agent, 1);
  await agent.close();
}

async function ws() {
  const WebSocket = require('ws');
  const server = new WebSocket.Server({ port: 0, host: '127.0.0.1' });
  server.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })));
  await new Promise(resolve => server.on('listening', resolve));
  const url = `ws://127.0.0.1:${server.address().port}/v1/realtime?model=m`;
  await tried(
    'ws',
    () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url);
        overheard('ws', socket);
        socket.on('error', reject).on('open', () => {
          look('ws open', socket, 1);
          look('ws open socket', socket._socket, 0);
          socket.send('hi');
        });
        socket.on('message', data => {
          say('ws', 'message', [named(data), String(data)]);
          say('ws', 'stack in message', stackOf(new Error('here')));
          socket.close();
        });
        socket.on('close', () => resolve(socket));
      }),
  );
  for (const bad of [`${base.replace('http', 'ws')}/refuse/v1/realtime`, 'ws://127.0.0.1:1/v1/realtime'])
    await tried(`ws ${masked(bad)}`, () => new Promise((_, reject) => new WebSocket(bad).on('error', reject)));
  await new Promise(resolve => server.close(resolve));
}

async function worker() {
  const { Worker } = require('node:worker_threads');
  for (const options of [{}, { env: {} }, { execArgv: ['--no-warnings'] }, { stdout: true }])
    await tried(`worker ${Object.keys(options)}`, () => {
      const text =
        'const { parentPort } = require("node:worker_threads");' +
        'parentPort.postMessage([process.execArgv, Object.keys(process.env).length > 0, process.argv.length])';
      const one = new Worker(text, { eval: true, ...options });
      look(`worker open ${Object.keys(options)}`, one, 0);
      one.on('message', message => say(`worker ${Object.keys(options)}`, 'told', message));
      return new Promise(resolve =>
        one.on('exit', code => resolve([code, one instanceof Worker, one.constructor === Worker])),
      );
    });
  await tried('worker wrong', () => new Worker(7));
  await tried('worker extended', () => {
    class Own extends Worker {}
    const one = new Own('', { eval: true });
    look('worker own', one, 0);
    return new Promise(resolve =>
      one.on('exit', () => resolve([one instanceof Own, one instanceof Worker, one.constructor.name])),
    );
  });
  await tried('worker called', () => Worker('x'));
}

// --- providers' clients ------------------------------------------------------------------------------------------------

/** `make(mode)` gives a client; `call(client, stream)` calls it. */
async function provider(name, make, call) {
  await tried(`${name} whole`, () => call(make('ok'), false));
  await tried(`${name} client`, async () => {
    const client = make('ok');
    await call(client, false);
    return client;
  });
  await tried(`${name} stream`, async () => walked(`${name} stream`, await call(make('ok'), true)));
  await tried(`${name} left`, async () => left(`${name} left`, await call(make('ok'), true)));
  await tried(`${name} cut`, async () => walked(`${name} cut`, await call(make('cut'), true)));
  for (const mode of MODES) await tried(`${name} ${mode}`, () => call(make(mode), false));
}

function openai() {
  const { OpenAI } = require('openai');
  const make = mode =>
    new OpenAI({ baseURL: `${at(mode)}/v1`, apiKey: 'none', maxRetries: 0, timeout: patience(mode) });
  return provider('openai', make, (client, stream) => client.chat.completions.create({ ...BODY, stream }));
}

function anthropic() {
  const { Anthropic } = require('@anthropic-ai/sdk');
  const make = mode => new Anthropic({ baseURL: at(mode), apiKey: 'none', maxRetries: 0, timeout: patience(mode) });
  return provider('anthropic', make, (client, stream) =>
    client.messages.create({ model: 'claude', max_tokens: 9, messages, stream }),
  );
}

async function googleGenai() {
  const { GoogleGenAI } = await import('@google/genai');
  const make = mode => new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: at(mode), timeout: patience(mode) } });
  const asked = { model: 'gemini-2.0-flash', contents: 'hi' };
  return provider('google-genai', make, ({ models }, stream) =>
    stream ? models.generateContentStream(asked) : models.generateContent(asked),
  );
}

function bedrock() {
  const aws = require('@aws-sdk/client-bedrock-runtime');
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
  const make = mode =>
    new aws.BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: at(mode),
      credentials,
      maxAttempts: 1,
      requestHandler: { requestTimeout: patience(mode), throwOnRequestTimeout: true },
    });
  const asked = { modelId: 'amazon.nova', messages: [{ role: 'user', content: [{ text: 'hi' }] }] };
  return provider('bedrock', make, async (client, stream) =>
    stream
      ? (await client.send(new aws.ConverseStreamCommand(asked))).stream
      : client.send(new aws.ConverseCommand(asked)),
  );
}

function axios() {
  const library = require('axios');
  const call = (mode, stream) =>
    library.post(`${at(mode)}${CHAT}`, stream ? STREAM : BODY, {
      timeout: patience(mode),
      ...(stream ? { responseType: 'stream' } : {}),
    });
  return provider(
    'axios',
    mode => mode,
    async (mode, stream) => (stream ? (await call(mode, true)).data : call(mode, false)),
  );
}

const CASES = {
  net,
  http: over(require('node:http'), 'http', base),
  https: () => over(require('node:https'), 'https', secure, { ca: fs.readFileSync(process.env.NODE_EXTRA_CA_CERTS) })(),
  http2,
  fetch: fetching('fetch', globalThis.fetch),
  undici,
  ws,
  worker,
  openai,
  anthropic,
  'google-genai': googleGenai,
  bedrock,
  axios,
};

(async () => {
  const warnings = [];
  process.on('warning', warning => warnings.push(stackOf(warning)));
  lookAtProcess('at start', __dirname);
  for (const name of libraries) await CASES[name]();
  const own = [
    'net',
    'tls',
    'http',
    'https',
    'http2',
    'stream',
    'events',
    'worker_threads',
    'diagnostics_channel',
    'module',
  ];
  for (const name of own) lookAtModule(name, require(`node:${name}`));
  lookAtModule('undici', require('undici'));
  lookAtModule('process', Object.getPrototypeOf(process));
  lookAtModule('globals', globalThis);
  lookAtProcess('at end', __dirname);
  say('warnings', 'all', warnings);
  done();
})();
