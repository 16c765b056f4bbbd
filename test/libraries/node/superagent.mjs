// superagent: plain and streamed.
import superagent from 'superagent';

const url = `${process.env.PROVIDER_URL}/v1/chat/completions`;
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
console.log((await superagent.post(url).send(body)).body.usage.total_tokens);
console.log(
  (
    await superagent
      .post(url)
      .send({ ...body, stream: true })
      .buffer(true)
  ).text.length,
);
