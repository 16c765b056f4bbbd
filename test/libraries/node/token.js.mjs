// token.js: OpenAI and Anthropic behind one interface.
import { TokenJS } from 'token.js';

const messages = [{ role: 'user', content: 'What is the answer?' }];
const client = new TokenJS({ apiKey: 'k', baseURL: `${process.env.PROVIDER_URL}/v1` });
console.log(
  (await client.chat.completions.create({ provider: 'openai', model: 'gpt-4o-mini', messages })).choices[0].message
    .content,
);
