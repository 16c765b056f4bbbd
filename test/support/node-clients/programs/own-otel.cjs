// A program with OpenTelemetry of its own. argv[2]: what its active span says (`none`, `app`, `call`), argv[3]: the client.
const { context, trace, SpanKind } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { BasicTracerProvider } = require('@opentelemetry/sdk-trace-base');
const http = require('node:http');
const { Agent, Pool } = require('undici');

const manager = new AsyncLocalStorageContextManager().enable();
context.setGlobalContextManager(manager);
trace.setGlobalTracerProvider(new BasicTracerProvider());
const tracer = trace.getTracer('program');

const url = `${process.env.PROVIDER_URL}/openai/v1/chat/completions`;
const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const headers = { 'content-type': 'application/json' };
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const pool = new Pool(process.env.PROVIDER_URL);
const dispatcher = new Agent({ allowH2: true, connections: 1 });
const post = { path: '/openai/v1/chat/completions', method: 'POST', headers, body };
const clients = {
  undici: async () => (await pool.request(post)).body.text(),
  'undici-h2': async () => (await dispatcher.request({ ...post, origin: process.env.PROVIDER_URL })).body.text(),
  fetch: async () => (await fetch(url, { method: 'POST', headers, body })).text(),
  http: () =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { method: 'POST', headers, agent }, response =>
        response.resume().on('end', resolve),
      );
      request.on('error', reject).end(body);
    }),
};
const attributes = {
  app: { 'app.route': '/ask' },
  call: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' },
}[process.argv[2]];

async function ask(name) {
  if (attributes === undefined) return clients[process.argv[3]]();
  const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes });
  await context.with(trace.setSpan(context.active(), span), clients[process.argv[3]]);
  span.end();
  console.log(span.spanContext().traceId, span.spanContext().spanId);
}

(async () => {
  // One connection for three calls that wait for each other: each must find its own parent.
  await Promise.all([ask('first'), ask('second'), ask('third')]);
  await ask('fourth');
  agent.destroy();
  await Promise.all([pool.close(), dispatcher.close()]);
})();
