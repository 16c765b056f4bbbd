// axios: plain, streamed, an error, an interceptor.
import axios from 'axios';

const client = axios.create({ baseURL: `${process.env.PROVIDER_URL}/v1` });
client.interceptors.response.use(response => {
  console.log('seen', response.status);
  return response;
});
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await client.post('/chat/completions', body)).data.usage.total_tokens);
const { data } = await client.post('/chat/completions', { ...body, stream: true }, { responseType: 'stream' });
let size = 0;
for await (const chunk of data) size += chunk.length;
console.log(size);
await client
  .post('/chat/completions', { ...body, messages: [{ role: 'user', content: '<<error: 429>>' }] })
  .catch(error => console.log(error.code, error.response.data.error.code));
