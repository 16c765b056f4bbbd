// As client.py, for curl: client-curl.mjs 1.1|2|2-together PORT PLAN. curl is the child whose pid is said. It reads the body
// of its first request, which comes by a pipe, before it connects: it can be observed before its first byte. As middle.py:
// `2-middle`, with the answer alone.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const [, , way, port, planFile] = process.argv;
const [version, mode] = way.split('-');
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
if (mode === 'middle') plan.unshift(['GET', '/held?chunks=16&hold=8', 0]);
const folder = mkdtempSync(path.join(tmpdir(), 'curl-'));
const sections = plan.map(([method, where, size], i) => {
  const lines = [`url = "https://127.0.0.1:${port}${where}"`, `request = ${method}`, 'output = /dev/null'];
  lines.push('insecure', 'silent', 'header = "expect:"', `http${version}`);
  if (mode === 'middle')
    lines.push('header = "x-before: said before"', ...(i > 0 ? [`header = "x-path: ${where}"`] : []));
  else if (i === 0) lines.push('data-binary = "@-"');
  if (size > 0 && (i > 0 || mode === 'middle')) {
    writeFileSync(path.join(folder, `${i}`), Buffer.alloc(size, '0123456789abcdef'));
    lines.push(`data-binary = "@${folder}/${i}"`);
  }
  return lines.join('\n');
});
writeFileSync(path.join(folder, 'config'), sections.join('\nnext\n'));
const parallel = mode === 'together' ? ['--parallel', '--parallel-max', String(plan.length)] : [];
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
