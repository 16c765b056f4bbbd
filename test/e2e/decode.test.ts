/** `decode` as a user types it. */
import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';
import { wireFixtures } from '../support/wire-fixtures.js';

jest.setTimeout(60_000);

const lines = wireFixtures()
  .filter(({ exchange }) => exchange.messages === undefined)
  .map(({ name, exchange }) =>
    JSON.stringify({
      id: name,
      host: exchange.host,
      method: exchange.method,
      path: exchange.path,
      request_headers: exchange.requestHeaders,
      response_headers: exchange.responseHeaders,
      status: exchange.status,
      request_body: exchange.requestBody && Buffer.from(exchange.requestBody).toString('base64'),
      response_body: exchange.responseBody && Buffer.from(exchange.responseBody).toString('base64'),
    }),
  );

const decode = (words: string[], input: string) =>
  run([...LAUNCH, 'decode', ...words], { input, env: cleanEnvironment({ OPENLIT_CAPTURE_CONTENT: 'both' }) });

test('one line for every exchange, and content only by its own flag', async () => {
  const silent = await decode(['-'], lines.join('\n'));
  expect(silent).toMatchObject({ status: 0, stderr: '' });
  const calls = silent.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(calls.map(({ id }) => id)).toEqual(lines.map(line => JSON.parse(line).id));
  expect(calls.some(call => 'output_text' in call || 'tool_calls' in call)).toBe(false);
  expect(silent.stdout).not.toContain('Rivers');
  const spoken = await decode(['--capture-content'], lines.join('\n'));
  expect(spoken.stdout).toContain('Rivers');
});

test('wrong use and wrong input end with a status and a line that says what to do', async () => {
  expect(await decode([path.join('no', 'such.ndjson')], '')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: 'openlit-instrument: no/such.ndjson cannot be read: no such file\n',
  });
  const broken = await decode([], `${lines[0]}\n{"id":1}\n`);
  expect(broken).toMatchObject({
    status: 1,
    stderr: 'openlit-instrument: standard input, line 2 is left out: "method" is missing\n',
  });
  expect(broken.stdout.trim().split('\n')).toHaveLength(1);
});
