/**
 * Answers in every content encoding, whole and streamed, over real TLS: what attach says was answered is what the client
 * itself decoded, with the library of its own runtime.
 */
import path from 'node:path';
import { expect } from '@jest/globals';
import { PROGRAMS } from '../attach/attached.js';
import { attachBench, goAndEnd, real, reason } from '../support/attach-bench.js';
import { nodeVersions } from '../support/node-versions.js';
import { anyPython, environment } from '../support/python-environments.js';

const bench = attachBench();
const program = (name: string) => path.join(PROGRAMS, name);
const python = reason ? '' : await environment('attach', await anyPython());
/** zstd is in Node's zlib from 22.15 on: the newest that is here serves and asks. */
const newer = reason ? [] : await nodeVersions([24, 26, 22]);
const node = newer.find(({ binary }) => binary !== undefined)?.binary;
if (!reason && !node) process.stderr.write(`skipped: zstd, since ${newer.map(each => each.missing).join('; ')}\n`);
const ENCODINGS = ['gzip', 'deflate', 'br', ...(node ? ['zstd'] : [])];

interface Call {
  readonly output_text: string;
  readonly partial: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

const clients = [
  { name: 'Python', command: python, words: [program('encodings.py')] },
  { name: 'Node', command: node ?? process.execPath, words: [program('encodings.mjs')] },
];

real.each(clients)('$name decodes what attach decodes', async ({ command, words }) => {
  const server = await bench.startServer([node ?? process.execPath, 'encodings.mjs', 'serve']);
  const client = bench.start(command, [...words, `${server.port}`, ENCODINGS.join()]);
  const observer = await bench.observe([client], ['--format', 'json', '--capture-content=span']);
  await goAndEnd(client);
  expect(await observer.exited).toBe(0);
  const decoded = client.seen.filter(line => line.startsWith('{"id"')).map(line => JSON.parse(line));
  const calls = observer.seen.map(line => JSON.parse(line) as Call);
  expect(decoded).toHaveLength(2 * ENCODINGS.length);
  expect(
    calls.map(({ attributes, output_text }) => ({ id: attributes['gen_ai.response.id'], text: output_text })),
  ).toEqual(decoded);
  for (const { text } of decoded) expect(text).toMatch(/^\w+ 0 größer — 世界 .* 15830081 größer — 世界 $/);
  for (const { partial, attributes } of calls) {
    expect(partial).toEqual([]);
    expect(attributes['gen_ai.usage.output_tokens']).toBe(2_000);
  }
});
