// node:http, plain and streamed; nothing else.
import http from 'node:http';

const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'What is the answer?' }] };
for (const stream of [false, true]) {
  const text = await new Promise((resolve, reject) => {
    const request = http.request(`${process.env.PROVIDER_URL}/v1/chat/completions`, { method: 'POST' }, response => {
      let seen = '';
      response
        .setEncoding('utf8')
        .on('data', data => (seen += data))
        .on('end', () => resolve(seen));
    });
    request.on('error', reject).end(JSON.stringify({ ...body, stream }));
  });
  console.log(text.length);
}
