/**
 * What the launcher costs: over bare Node for `true`, with nothing of ours given and with flags and a file, and what is
 * left in memory after exec. `node bench/launcher.mjs [--rounds N]`; needs a build.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measurePaired, printTable, timeCommand } from './paired.mjs';

const LAUNCHER = process.env.BENCH_LAUNCHER ?? fileURLToPath(new URL('../bin/run.js', import.meta.url));
const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 15 : Number(process.argv[at + 1]);
const node = process.execPath;

const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-launcher-'));
const clean = path.join(folder, 'clean');
const configured = path.join(folder, 'configured');
execFileSync('mkdir', [clean, configured]);
writeFileSync(path.join(folder, 'empty.js'), '');
writeFileSync(
  path.join(configured, 'openlit.yml'),
  'application_name: bench\nenvironment: test\nendpoint: http://127.0.0.1:4318\ntraces:\n  sampling_rate: 0.5\ncontent:\n  capture: off\n',
);
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OTEL|OPENLIT)_/.test(name)));

try {
  const flags = ['--service-name', 'bench', '--endpoint', 'http://127.0.0.1:4318', '--sampling-rate', '0.1'];
  const result = await measurePaired({
    rounds,
    variants: {
      'bare node, empty script': () => timeCommand([node, path.join(folder, 'empty.js')], { env, cwd: clean }),
      'launcher true, no flags': () => timeCommand([node, LAUNCHER, 'true'], { env, cwd: clean }),
      'launcher true, flags': () => timeCommand([node, LAUNCHER, ...flags, 'true'], { env, cwd: clean }),
      'launcher true, flags + file': () => timeCommand([node, LAUNCHER, ...flags, 'true'], { env, cwd: configured }),
    },
  });
  printTable('Launching `true`', result, {
    aims: { 'launcher true, no flags': '<= 1.25x', 'launcher true, flags + file': '<= 2.0x' },
  });
  await printMemory();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The pid that was started is the program's own after exec, and its memory is that of the program alone. */
async function printMemory() {
  const bare = await memoryOf(['sleep', '30']);
  const ours = await memoryOf([node, LAUNCHER, '--quiet', '--endpoint', 'http://127.0.0.1:4318', 'sleep', '30']);
  process.stdout.write(`\nMemory of \`sleep\` while it runs: bare ${bare} kB, through the launcher ${ours} kB\n`);
}

async function memoryOf([file, ...args]) {
  const child = spawn(file, args, { env, cwd: clean, stdio: 'ignore' });
  await once(child, 'spawn');
  for (;;) {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    if (/^Name:\s*sleep$/m.test(status) && /^State:\s*S/m.test(status)) {
      child.kill('SIGKILL');
      return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
