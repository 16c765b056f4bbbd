// The AI SDK with Bedrock: generateText, streamText.
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { generateText, streamText } from 'ai';

const provider = createAmazonBedrock({
  baseURL: process.env.PROVIDER_URL,
  region: 'us-east-1',
  accessKeyId: 'a',
  secretAccessKey: 's',
});
const model = provider('anthropic.claude-3-5-haiku-20241022-v1:0');
const known = { model, prompt: 'What is the answer?', maxRetries: 0 };
console.log((await generateText(known)).text);
for await (const text of streamText(known).textStream) console.log(text);
