// Replicate's client: a prediction. Its API has no chat format, so nothing is reported; the program must not notice.
import Replicate from 'replicate';

const client = new Replicate({ auth: 'k', baseUrl: `${process.env.PROVIDER_URL}/v1` });
console.log((await client.run('meta/meta-llama-3-8b-instruct', { input: { prompt: 'What is the answer?' } })).join(''));
