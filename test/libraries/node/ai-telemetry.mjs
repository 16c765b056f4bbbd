// The AI SDK with its own telemetry switched on, on an OpenTelemetry of the program's.
import { createOpenAI } from '@ai-sdk/openai';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { generateText } from 'ai';

const kept = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(kept)] }).register({
  contextManager: new AsyncLocalStorageContextManager(),
});
const openai = createOpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k' });
const known = { model: openai.chat('gpt-4o-mini'), prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText({ ...known, experimental_telemetry: { isEnabled: true } })).text);
console.log(kept.getFinishedSpans().map(({ name }) => name));
