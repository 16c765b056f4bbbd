// `npm run corpus:launch [-- --python PYTHON] [--corpus FILE] [client…]`: the corpus beside the clone through launched programs. Each
// exchange is sent by a real client to a local server that answers with the recorded bytes, and what the launch reports is compared
// with what `decode` says of the same exchange. Each request has the number of its exchange in its `traceparent`: that is how the
// server knows what to answer, and the call that is reported has it as its trace. Needs a build; the Python needs httpx, aiohttp,
// requests and boto3.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createPace } from './corpus-launch/pace.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAUNCHER = path.join(ROOT, 'bin/run.js');
const PROGRAMS = path.join(ROOT, 'scripts/corpus-launch');
const ALL = ['httpx', 'httpx-async', 'aiohttp', 'requests', 'boto3', 'fetch', 'http'];
const OF_NODE = new Set(['fetch', 'http']);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: 'python3' },
    corpus: { type: 'string', default: path.join(ROOT, '..', 'shared', 'corpus', 'exchanges.ndjson.gz') },
    show: { type: 'string', default: '10' },
  },
});

const { corpus } = values;
if (!existsSync(corpus)) {
  process.stdout.write('skipped: the corpus is not beside this clone\n');
  process.exit(0);
}
const folder = mkdtempSync(path.join(os.tmpdir(), 'corpus-launch-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'exchanges.ndjson');
writeFileSync(file, gunzipSync(readFileSync(corpus)));
const rows = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);

/** Of a trace: 0 is none, so the first exchange has 1. */
const numberOf = traceId => Number.parseInt(traceId, 16) - 1;
/** The numbers of those that have come to the server. */
const arrived = new Set();

/** Awaited before a call is answered. */
let pace;

const server = http.createServer((request, response) => {
  request.resume().on('end', async () => {
    const number = numberOf(/^00-(\w{32})-/.exec(request.headers.traceparent)?.[1]);
    const row = rows[number];
    if (row === undefined) return response.writeHead(500).end();
    arrived.add(number);
    if (expected.has(row.id)) await pace();
    const body = Buffer.from(row.response_body ?? '', 'base64');
    const headers = { ...row.response_headers };
    for (const name of ['content-length', 'transfer-encoding', 'connection']) delete headers[name];
    response.writeHead(row.status, headers);
    // In two pieces, as answers come.
    response.write(body.subarray(0, body.length >> 1));
    response.end(body.subarray(body.length >> 1));
  });
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));

/** Facts that come of the way and not of the exchange: this server's port, and times. */
const OF_THE_WAY = new Set(['server.port', 'server.address', 'gen_ai.response.time_to_first_chunk']);

function facts(line) {
  const attributes = Object.entries(line.attributes).filter(([name]) => !OF_THE_WAY.has(name));
  attributes.sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    attributes: Object.fromEntries(attributes),
    cost: line.cost,
    output_text: line.output_text,
    tool_calls: line.tool_calls,
    partial: line.partial,
  };
}

const FLAGS = ['--capture-content=both'];
const decoded = spawnSync(process.execPath, [LAUNCHER, 'decode', file, '--capture-content'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 30,
});
const expected = new Map();
for (const text of decoded.stdout.trim().split('\n')) {
  const line = JSON.parse(text);
  if (line.attributes !== null) expected.set(line.id, facts(line));
}
process.stdout.write(`decode: ${rows.length} exchanges, ${expected.size} calls\n`);

async function launch(client) {
  const cache = path.join(folder, client);
  const port = String(server.address().port);
  const runs = path.join(cache, 'runs');
  pace = createPace(runs);
  arrived.clear();
  const words = OF_NODE.has(client)
    ? [process.execPath, path.join(PROGRAMS, 'replay.mjs')]
    : [values.python, path.join(PROGRAMS, 'replay.py')];
  const child = spawn(process.execPath, [LAUNCHER, ...FLAGS, '--quiet', '--', ...words, client, file, port], {
    env: { ...process.env, OPENLIT_INSTRUMENT_CACHE_DIR: cache, OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  const [status] = await ended;
  if (status !== 0) throw new Error(`${client}: the program ended with status ${status}`);
  const [name] = existsSync(runs) ? readdirSync(runs) : [];
  const calls =
    name === undefined ? [] : readFileSync(path.join(runs, name), 'utf8').trim().split('\n').slice(1).map(JSON.parse);
  return compare(client, output.trim().split('\n').filter(Boolean).map(JSON.parse), calls);
}

/** Each exchange that the client could be asked to send must have led to what `decode` says of it, and nothing else may be told. */
function compare(client, sent, lines) {
  const seen = new Map();
  for (const line of lines) {
    const number = numberOf(line.trace_id);
    seen.set(number, [...(seen.get(number) ?? []), line]);
  }
  const refused = new Map(sent.filter(([, error]) => error !== null));
  const different = [];
  for (const [number] of sent) {
    const { id } = rows[number];
    const found = (seen.get(number) ?? []).map(line => JSON.stringify(facts(line)));
    seen.delete(number);
    // What the client did not even send cannot have been seen.
    const wanted = expected.has(id) && arrived.has(number) ? [JSON.stringify(expected.get(id))] : [];
    if (JSON.stringify(found) !== JSON.stringify(wanted)) different.push([number, wanted, found]);
  }
  const strays = [...seen.values()].flat();
  const same = sent.length - different.length;
  process.stdout.write(
    `${client}: ${same} of ${sent.length} the same, ${strays.length} of no exchange; ${refused.size} failed in the client\n`,
  );
  const reasons = new Map();
  for (const [number, error] of refused) {
    const reason = `${arrived.has(number) ? 'answer' : 'request'} refused by the client: ${error}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), rows[number].id]);
  }
  for (const [reason, ids] of reasons) process.stdout.write(`  ${reason}\n    ${ids.join('\n    ')}\n`);
  for (const [number, wanted, found] of different.slice(0, Number(values.show))) {
    process.stdout.write(
      `  ${rows[number].id}\n    decode: ${wanted.join().slice(0, 600)}\n    launch: ${found.join(' | ').slice(0, 600)}\n`,
    );
  }
  for (const line of strays.slice(0, 3))
    process.stdout.write(`  of no exchange: ${JSON.stringify(line).slice(0, 600)}\n`);
  return different.length + strays.length;
}

let different = 0;
for (const client of positionals.length > 0 ? positionals : ALL) different += await launch(client);
server.close();
process.exitCode = different === 0 ? 0 : 1;
