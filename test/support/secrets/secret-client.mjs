// usage: secret-client.mjs ADDRESS PLAN [more words]. Sends the requests of the plan, and one of them through APP_PROXY.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [, , address, plan] = process.argv;
const steps = JSON.parse(readFileSync(plan, 'utf8'));

const send = (base, path, { headers, body }) =>
  new Promise((resolve, reject) => {
    const { protocol, hostname, port } = new URL(base);
    const client = protocol === 'https:' ? https : http;
    const options = { hostname, port, path, method: 'POST', headers, rejectUnauthorized: false };
    const request = client.request(options, response => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject).end(body);
  });

const statuses = [];
for (const step of steps) statuses.push(await send(address, step.path, step));
const proxy = process.env.APP_PROXY;
if (proxy) statuses.push(await send(proxy, new URL(steps[0].path, proxy).href, steps[0]));
process.stdout.write(`${JSON.stringify(statuses)}\ndone\n`);
