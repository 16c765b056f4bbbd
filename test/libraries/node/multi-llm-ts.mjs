// multi-llm-ts: OpenAI, complete.
import { igniteEngine, Message } from 'multi-llm-ts';

const config = { apiKey: 'k', baseURL: `${process.env.PROVIDER_URL}/v1` };
const engine = igniteEngine('openai', config);
const model = engine.buildModel('gpt-4o-mini');
console.log(
  (await engine.complete(model, [new Message('system', 'You help.'), new Message('user', 'What is the answer?')]))
    .content,
);
