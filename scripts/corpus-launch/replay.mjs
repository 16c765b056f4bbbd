// Sends every exchange of a file to a local server by one client, and says of each whether the client could.
//
//   node replay.mjs CLIENT FILE PORT   (fetch, http)
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const [client, file, port] = process.argv.slice(2);

/** The parent that says which exchange this is: trace 1 is the first one. */
const parent = number => `00-${(number + 1).toString(16).padStart(32, '0')}-${'0'.repeat(15)}1-01`;

/** A failed `fetch` says why in its cause. */
const reason = ({ message, cause }) =>
  cause === undefined ? message : `${message}: ${cause.code ?? ''} ${cause.message}`;

function byHttp(row, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method: row.method, path: row.path, headers }, answer => {
      answer.resume().on('end', resolve).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

/** `fetch` takes the host from the address and from nothing else: so every connection of this program ends at the one server. */
if (client === 'fetch') {
  const { connect } = net;
  net.connect = ({ host: _, ...options }, ...rest) => connect({ ...options, host: '127.0.0.1', port }, ...rest);
}

async function byFetch(row, headers, body) {
  const bodyless = row.method === 'GET' || row.method === 'HEAD';
  const answer = await fetch(`http://${row.host}${row.path}`, {
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
  const headers = { ...given, host: row.host, traceparent: parent(number) };
  const body = Buffer.from(row.request_body ?? '', 'base64');
  let error = null;
  try {
    await (client === 'http' ? byHttp : byFetch)(row, headers, body);
  } catch (problem) {
    error = reason(problem);
  }
  console.log(JSON.stringify([number, error]));
  number += 1;
}
