// OpenTelemetry set up by the program: a span of its own around a call; it keeps its spans and its exporter.
import { trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import OpenAI from 'openai';

const kept = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(kept)] }).register({
  contextManager: new AsyncLocalStorageContextManager(),
});
const client = new OpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k', maxRetries: 0 });
await trace.getTracer('app').startActiveSpan('outer', async span => {
  const answer = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Hi?' }],
  });
  console.log(answer.choices[0].message.content);
  span.end();
});
console.log(kept.getFinishedSpans().map(({ name }) => name));
