// Sends every exchange of a file to a local server by one client, and says when each began and ended.
//
//   node replay.mjs CLIENT FILE PORT   (fetch, http)
import { readFileSync } from 'node:fs';
import http from 'node:http';

const [client, file, port] = process.argv.slice(2);
const now = () => String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n);

function byHttp(row, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method: row.method, path: row.path, headers }, answer => {
      answer.resume().on('end', resolve).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

async function byFetch(row, headers, body) {
  const bodyless = row.method === 'GET' || row.method === 'HEAD';
  const answer = await fetch(`http://127.0.0.1:${port}${row.path}`, {
    method: row.method,
    headers,
    ...(bodyless ? {} : { body }),
  });
  await answer.arrayBuffer();
}

let number = 0;
for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
  const row = JSON.parse(line);
  const { 'content-length': _, ...given } = row.request_headers ?? {};
  const headers = { ...given, host: row.host, 'x-replay': String(number) };
  const body = Buffer.from(row.request_body ?? '', 'base64');
  const began = now();
  let error = null;
  try {
    await (client === 'http' ? byHttp : byFetch)(row, headers, body);
  } catch (problem) {
    error = problem.message;
  }
  console.log(JSON.stringify([number, began, now(), error]));
  number += 1;
}
