// One call by each way that Node can speak HTTP, without any client library of a provider.
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import axios from 'axios';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent, ProxyAgent, fetch as undiciFetch, request as undiciRequest } from 'undici';

const base = process.env.PROVIDER_URL;
const url = `${base}/openai/v1/chat/completions`;
const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-planted-key' };

function byRequest(agent) {
  return new Promise((resolve, reject) => {
    const library = url.startsWith('https:') ? https : http;
    const request = library.request(url, { method: 'POST', headers, agent }, response => {
      const parts = [];
      response.on('data', part => parts.push(part));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(parts)).id));
    });
    request.on('error', reject);
    // In pieces, so that the body is sent in chunks.
    request.write(body.slice(0, 20));
    setImmediate(() => request.end(body.slice(20)));
  });
}

function byHttp2() {
  return new Promise((resolve, reject) => {
    const session = http2.connect(base);
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': new URL(url).pathname, ...headers });
    const parts = [];
    stream.on('data', part => parts.push(part));
    stream.on('end', () => {
      session.close();
      resolve(JSON.parse(Buffer.concat(parts)).id);
    });
    stream.end(body);
  });
}

const ways = {
  fetch: async () => (await (await fetch(url, { method: 'POST', headers, body })).json()).id,
  'fetch-stream-body': async () => {
    const stream = new Blob([body]).stream();
    return (await (await fetch(url, { method: 'POST', headers, body: stream, duplex: 'half' })).json()).id;
  },
  request: () => byRequest(undefined),
  'keep-alive': async () => {
    const library = url.startsWith('https:') ? https : http;
    const agent = new library.Agent({ keepAlive: true, maxSockets: 1 });
    const ids = [await byRequest(agent), await byRequest(agent), await byRequest(agent)];
    agent.destroy();
    return ids.join();
  },
  undici: async () => (await (await undiciRequest(url, { method: 'POST', headers, body })).body.json()).id,
  'undici-fetch': async () => (await (await undiciFetch(url, { method: 'POST', headers, body })).json()).id,
  'undici-h2': async () => {
    const dispatcher = new Agent({ allowH2: true });
    const answer = await undiciRequest(url, { method: 'POST', headers, body, dispatcher });
    const { id } = await answer.body.json();
    await dispatcher.close();
    return id;
  },
  axios: async () => (await axios.post(url, body, { headers })).data.id,
  http2: byHttp2,
  'proxy-agent': () => byRequest(new HttpsProxyAgent(process.env.PROXY_URL)),
  'undici-proxy': async () => {
    const dispatcher = new ProxyAgent(process.env.PROXY_URL);
    const answer = await undiciRequest(url, { method: 'POST', headers, body, dispatcher });
    const { id } = await answer.body.json();
    await dispatcher.close();
    return id;
  },
};

for (const name of process.argv.slice(2)) console.log(name, await ways[name]());
