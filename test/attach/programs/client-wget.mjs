// As client.py, for wget (GnuTLS): client-wget.mjs PORT PLAN. wget is the child whose pid is said. It reads its addresses from a
// pipe to the end before it connects, so that it can be observed before its first byte. One process has one method and one body
// for all: those of the plan's first step.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const [, , port, planFile] = process.argv;
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const folder = mkdtempSync(path.join(tmpdir(), 'wget-'));
const body = path.join(folder, 'body');
const [[, , size]] = plan;
writeFileSync(body, Buffer.alloc(size, '0123456789abcdef'));
const post = size > 0 ? [`--post-file=${body}`] : [];
const words = ['-q', '--no-check-certificate', '--no-config', '-O', '/dev/null', ...post, '-i', '-'];
const wget = spawn('wget', words, { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, HOME: folder } });
const ended = new Promise(resolve => wget.on('exit', resolve));
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
process.stdout.write(`${JSON.stringify({ ready: wget.pid })}\n`);
await lines.next();
wget.stdin.end(plan.map(([, where]) => `https://127.0.0.1:${port}${where}\n`).join(''));
process.exitCode = await ended;
rmSync(folder, { recursive: true });
process.stdout.write('done\n');
await lines.next();
