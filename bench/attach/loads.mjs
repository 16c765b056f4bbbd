/** What is observed, and what keeps it busy: nginx under wrk, and clients of it in a keep-alive loop. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, pin, start } from './children.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const tls = path.join(here, '../../test/fixtures/tls');

const answer = size =>
  JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    model: 'gpt-4o',
    choices: [{ index: 0, message: { role: 'assistant', content: 'y'.repeat(size) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 },
  });

async function startNginx(folder) {
  const [small, large, plain] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(path.join(folder, 'answer.json'), answer(65_000));
  writeFileSync(
    path.join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; user root; events { worker_connections 512; }
http { access_log off; client_body_temp_path ${folder}/body; keepalive_requests 100000000; keepalive_timeout 1h; ssl_certificate ${tls}/server.pem; ssl_certificate_key ${tls}/server.key; default_type application/json;
 server { listen 127.0.0.1:${small} ssl; location / { return 200 '${answer(200)}'; } }
 server { listen 127.0.0.1:${plain}; location / { return 200 '${answer(200)}'; } }
 server { listen 127.0.0.1:${large} ssl; location / { root ${folder}; error_page 405 =200 /answer.json; try_files /answer.json =404; } } }`,
  );
  const nginx = start('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')]);
  await new Promise(resolve => setTimeout(resolve, 500)); // nginx says nothing when it is up
  const worker = Number(readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').split(' ')[0]);
  pin(worker, 0);
  return { worker, small, large, plain };
}

const POST_LUA = `wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.headers['Host'] = 'api.openai.com'
wrk.body = '{"model":"gpt-4o","messages":[{"role":"user","content":"' .. string.rep('x', 400) .. '"}]}'
done = function(summary) io.write('requests ', summary.requests, ' ', summary.duration / 1e6, '\\n') end
`;

/**
 * `ports` of nginx, and `loads`: name -> `pid` that is observed, and `run(seconds, rate)` -> `{count, seconds}`. `rate`
 * (exchanges/s, 0: all it can) is for the Python client alone. `plain`: what is seen is its sockets.
 */
export async function startLoads(folder) {
  writeFileSync(path.join(folder, 'post.lua'), POST_LUA);
  const nginx = await startNginx(folder);
  const wrk =
    (port, connections, scheme = 'https') =>
    async seconds => {
      const tool = start('wrk', [
        '-t1',
        `-c${connections}`,
        `-d${Math.max(1, Math.round(seconds))}s`,
        '-s',
        path.join(folder, 'post.lua'),
        `${scheme}://127.0.0.1:${port}/v1/chat/completions`,
      ]);
      pin(tool.pid, 1);
      const [, count, took] = (await tool.line(/^requests/)).split(' ');
      await tool.ended;
      return { count: Number(count), seconds: Number(took) };
    };
  const client = async (command, file, port = nginx.small) => {
    const child = start(command, [path.join(here, file), `${port}`]);
    await child.line(/^ready/);
    pin(child.pid, 1);
    return {
      pid: child.pid,
      run: async (seconds, rate = 0) => {
        child.stdin.write(`${seconds} ${rate}\n`);
        const [, count, took] = (await child.line(/^done/)).split(' ');
        return { count: Number(count), seconds: Number(took) };
      },
    };
  };
  const python = await client('python3', 'client.py');
  const busy = await client('python3', 'system-calls.py');
  const loads = {
    'nginx, small answers, 16 connections': { pid: nginx.worker, run: wrk(nginx.small, 16) },
    'nginx, 64 kB answers, 4 connections': { pid: nginx.worker, run: wrk(nginx.large, 4) },
    'Python client, 1 kB, loop': python,
    'Python client, 1 kB, 1,000 a second': { pid: python.pid, run: seconds => python.run(seconds, 1000) },
    'Node client, 1 kB, loop': await client(process.execPath, 'client.mjs'),
    'nginx, plain HTTP, 16 connections': {
      pid: nginx.worker,
      run: wrk(nginx.plain, 16, 'http'),
      plain: true,
    },
    '100,000 system calls a second that are no HTTP': {
      pid: busy.pid,
      run: seconds => busy.run(seconds, 100_000),
      plain: true,
    },
  };
  return { loads, ports: nginx };
}
