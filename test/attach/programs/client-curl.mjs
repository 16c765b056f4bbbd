// As client.py, for curl: client-curl.mjs 1.1|2|2-together PORT PLAN. curl is the child whose pid is said. It reads the body
// of its first request, which comes by a pipe, before it connects: it can be observed before its first byte.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const [, , way, port, planFile] = process.argv;
const [version, together] = way.split('-');
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const folder = mkdtempSync(path.join(tmpdir(), 'curl-'));
const sections = plan.map(([method, where, size], i) => {
  const lines = [`url = "https://127.0.0.1:${port}${where}"`, `request = ${method}`, 'output = /dev/null'];
  lines.push('insecure', 'silent', 'header = "expect:"', `http${version}`);
  if (i === 0) lines.push('data-binary = "@-"');
  else if (size > 0) {
    writeFileSync(path.join(folder, `${i}`), Buffer.alloc(size, '0123456789abcdef'));
    lines.push(`data-binary = "@${folder}/${i}"`);
  }
  return lines.join('\n');
});
writeFileSync(path.join(folder, 'config'), sections.join('\nnext\n'));
const parallel = together ? ['--parallel', '--parallel-max', String(plan.length)] : [];
const curl = spawn('curl', [...parallel, '-K', path.join(folder, 'config')], { stdio: ['pipe', 'inherit', 'inherit'] });
const ended = new Promise(resolve => curl.on('exit', resolve));
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
process.stdout.write(`${JSON.stringify({ ready: curl.pid })}\n`);
await lines.next();
curl.stdin.end(Buffer.alloc(plan[0][2], '0123456789abcdef'));
await ended;
rmSync(folder, { recursive: true });
process.stdout.write('done\n');
await lines.next();
