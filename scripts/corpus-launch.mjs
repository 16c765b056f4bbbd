// `npm run corpus:launch [-- --python PYTHON] [client…]`: the corpus beside the clone through launched programs. Each exchange is sent
// by a real client to a local server that answers with the recorded bytes, and what the launch reports is compared with what
// `decode` says of the same exchange. Needs a build; the Python needs httpx, aiohttp and requests.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAUNCHER = path.join(ROOT, 'bin/run.js');
const PROGRAMS = path.join(ROOT, 'scripts/corpus-launch');
const ALL = ['httpx', 'httpx-async', 'aiohttp', 'requests', 'fetch', 'http'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string', default: 'python3' }, show: { type: 'string', default: '10' } },
});

const corpus = path.join(ROOT, '..', 'shared', 'corpus', 'exchanges.ndjson.gz');
if (!existsSync(corpus)) {
  process.stdout.write('skipped: the corpus is not beside this clone\n');
  process.exit(0);
}
const folder = mkdtempSync(path.join(os.tmpdir(), 'corpus-launch-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'exchanges.ndjson');
writeFileSync(file, gunzipSync(readFileSync(corpus)));
const rows = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);

const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    const row = rows[Number(request.headers['x-replay'])];
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
  const words =
    client === 'fetch' || client === 'http'
      ? [process.execPath, path.join(PROGRAMS, 'replay.mjs')]
      : [values.python, path.join(PROGRAMS, 'replay.py')];
  const child = spawn(process.execPath, [LAUNCHER, ...FLAGS, '--quiet', '--', ...words, client, file, port], {
    env: { ...process.env, OPENLIT_INSTRUMENT_CACHE_DIR: cache, OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  const times = output.trim().split('\n').map(JSON.parse);
  const runs = path.join(cache, 'runs');
  const [name] = existsSync(runs) ? readdirSync(runs) : [];
  const calls =
    name === undefined ? [] : readFileSync(path.join(runs, name), 'utf8').trim().split('\n').slice(1).map(JSON.parse);
  return compare(client, times, calls);
}

/** Calls that may stand between two that belong together. */
const WINDOW = 8;

/** Both in their order: each exchange's call is looked for among the next ones; what is left over belongs to none. */
function compare(client, times, lines) {
  const errors = times.filter(([, , , error]) => error !== null);
  const seen = lines
    .sort((one, other) => (BigInt(one.start) < BigInt(other.start) ? -1 : 1))
    .map(line => JSON.stringify(facts(line)));
  const missing = [];
  let at = 0;
  for (const { id } of rows) {
    if (!expected.has(id)) continue;
    const wanted = JSON.stringify(expected.get(id));
    const found = seen.slice(at, at + WINDOW).indexOf(wanted);
    if (found < 0) {
      missing.push([id, wanted, seen[at]]);
      continue;
    }
    at += found;
    seen.splice(at, 1);
  }
  const different = Math.max(missing.length, seen.length);
  process.stdout.write(
    `${client}: ${rows.length - different} of ${rows.length} the same; ${errors.length} could not be sent\n`,
  );
  for (const [, , , error] of errors.slice(0, 3)) process.stdout.write(`  not sent: ${error}\n`);
  process.stdout.write(
    missing.length + seen.length > 0 ? `  ${missing.length} calls of decode missing, ${seen.length} others seen\n` : '',
  );
  for (const [id, wanted, next] of missing.slice(0, Number(values.show))) {
    process.stdout.write(`  ${id}\n    decode: ${wanted.slice(0, 600)}\n    next:   ${next?.slice(0, 600)}\n`);
  }
  return different;
}

let different = 0;
for (const client of positionals.length > 0 ? positionals : ALL) different += await launch(client);
server.close();
process.exitCode = different === 0 ? 0 : 1;
