/** The page for Prometheus behind a launch: asked for by a setting, served by the observer, gone after the program. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { cleanEnvironment, DEAD_ENDPOINT, LAUNCH, run } from '../support/launcher.js';
import { parseExposition } from '../telemetry/support/exposition-parser.js';

jest.setTimeout(60_000);

/** Three calls to a provider of its own; then it reads the page until they are there, as a server would. */
const PROGRAM = `
import http from 'node:http';
const answer = { id: '1', object: 'chat.completion', model: 'gpt-4o-2024', usage: { prompt_tokens: 5, completion_tokens: 2 },
  choices: [{ index: 0, message: { role: 'assistant', content: 'PLANTED' }, finish_reason: 'stop' }] };
const provider = http.createServer((request, response) => request.resume().on('end', () => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
}));
provider.listen(0, '127.0.0.1', async () => {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'PLANTED' }] });
  const url = 'http://127.0.0.1:' + provider.address().port + '/v1/chat/completions';
  for (let call = 0; call < 3; call += 1) {
    await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
  }
  for (;;) {
    const page = await fetch(process.argv[2]).then(response => response.text(), () => '');
    if (/duration_seconds_count\\S* 3/.test(page)) {
      process.stdout.write(page);
      process.exit(0);
    }
    await new Promise(setImmediate);
  }
});
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

test('the calls of a launched program are on the page, without what they said', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'prometheus-'));
  const port = await freePort();
  writeFileSync(path.join(folder, 'program.mjs'), PROGRAM);
  writeFileSync(
    path.join(folder, 'openlit.yml'),
    `application_name: shop\nendpoint: ${DEAD_ENDPOINT}\nmetrics: {type: prometheus, port: ${port}}\ntraces: {exporter: none}\n`,
  );
  try {
    const words = [...LAUNCH, 'node', 'program.mjs', `http://localhost:${port}/metrics`];
    const ended = await run(words, { cwd: folder, env: cleanEnvironment() });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).not.toContain('PLANTED');
    const families = parseExposition(ended.stdout, 'text');
    const tokens = families.get('gen_ai_client_token_usage')!.samples.filter(({ name }) => name.endsWith('_sum'));
    expect(
      tokens.map(({ labels, value }) => [
        labels['job'],
        labels['gen_ai_request_model'],
        labels['gen_ai_token_type'],
        value,
      ]),
    ).toEqual([
      ['shop', 'gpt-4o', 'input', 15],
      ['shop', 'gpt-4o', 'output', 6],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a port is enough, and no endpoint is needed: the launcher serves the page of the local view', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'prometheus-'));
  const port = await freePort();
  writeFileSync(path.join(folder, 'program.mjs'), PROGRAM);
  try {
    const page = `http://localhost:${port}/metrics`;
    const words = [...LAUNCH, '--quiet', '--prometheus-port', String(port), 'node', 'program.mjs', page];
    const ended = await run(words, { cwd: folder, env: cleanEnvironment() });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const families = parseExposition(ended.stdout, 'text');
    const tokens = families.get('gen_ai_client_token_usage')!.samples.filter(({ name }) => name.endsWith('_sum'));
    expect(tokens.map(({ value }) => value)).toEqual([15, 6]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
