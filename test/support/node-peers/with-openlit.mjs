// A program that runs OpenLIT's SDK itself.
import 'openlit/register';
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env.PROVIDER_URL}/openai/v1`,
  apiKey: 'sk-planted-key',
  maxRetries: 0,
});
const messages = [{ role: 'user', content: 'hi' }];
console.log((await client.chat.completions.create({ model: 'gpt-4o-mini', messages })).choices[0].message.content);
