// AWS' client for Bedrock: Converse and InvokeModel, plain and streamed, embeddings, an error.
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';

const client = new BedrockRuntimeClient({
  region: 'us-east-1',
  endpoint: process.env.PROVIDER_URL,
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  maxAttempts: 1,
});
const modelId = 'anthropic.claude-3-5-haiku-20241022-v1:0';
const messages = [{ role: 'user', content: [{ text: 'What is the answer?' }] }];
const answer = await client.send(new ConverseCommand({ modelId, messages }));
console.log(answer.output.message.content[0].text, answer.usage);
for await (const event of (await client.send(new ConverseStreamCommand({ modelId, messages }))).stream)
  console.log(Object.keys(event)[0]);
const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'What is the answer?' }],
});
const invoked = await client.send(new InvokeModelCommand({ modelId, body, contentType: 'application/json' }));
console.log(JSON.parse(invoked.body.transformToString()).content[0].text);
const streamed = await client.send(
  new InvokeModelWithResponseStreamCommand({ modelId, body, contentType: 'application/json' }),
);
for await (const { chunk } of streamed.body) console.log(JSON.parse(Buffer.from(chunk.bytes)).type);
await client
  .send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: '<<error: 429>>' }] }] }))
  .catch(error => console.log(error.name));
