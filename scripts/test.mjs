// `npm test`: everything that a clean clone needs to prove itself, on a fresh machine with Node and npm only.
// Installs what is missing and says so, checks style and types, builds, runs the unit tests and the tests that start real
// programs. Only Node's own modules here, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runJest } from './run-jest.mjs';
import { installRuff, onPath } from './tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/** Programs that the tests start and that a small Debian may lack: [program, Debian packages]. */
const SYSTEM_PROGRAMS = [
  ['python3', 'python3'],
  ['curl', 'curl'],
  ['nginx', 'nginx-light'],
  ['gcc', 'gcc'],
  ['unshare', 'util-linux'],
  ['script', 'bsdutils'],
  ['bpftool', 'bpftool'],
  ['php', 'php-cli php-curl'],
  ['ruby', 'ruby'],
  ['clang-format', 'clang-format'],
];

const started = Date.now();

function say(text) {
  process.stdout.write(`\n== ${text} (${Math.round((Date.now() - started) / 1000)} s)\n`);
}

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  return signal ? 1 : status;
}

function must(command, args, options) {
  const status = run(command, args, options);
  if (status !== 0) {
    process.stdout.write(`\n${[command, ...args].join(' ')} ended with ${status}\n`);
    process.exit(1);
  }
}

function installSystemPrograms() {
  const missing = SYSTEM_PROGRAMS.filter(([program]) => !onPath(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    process.stdout.write(`These programs are missing: ${missing.map(([program]) => program).join(', ')}.\n`);
    process.stdout.write(`Tests that need them say that they are skipped. To have them all: sudo sh -c '${command}'\n`);
    return;
  }
  say(`installing system packages: ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'], env });
}

/** npm leaves a copy of the lock in node_modules; an equal package set means that nothing has to be installed. */
function installPackages() {
  const installed = 'node_modules/.package-lock.json';
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs) return;
  say('installing npm packages');
  must('npm', ['ci', '--no-audit', '--no-fund']);
}

mkdirSync('.cache', { recursive: true });
installSystemPrograms();
installPackages();

const withoutRuff = installRuff();
if (withoutRuff !== undefined) process.stdout.write(`ruff could not be installed: ${withoutRuff}\n`);

say('style and types');
must('npm', ['run', '--silent', 'lint']);
say('build');
must('npm', ['run', '--silent', 'build']);
say('unit tests');
const unit = await runJest('unit', [], 15);
say('tests that start real programs');
const e2e = await runJest('e2e', ['--runInBand'], 60);

say('done');
const total = key => unit[key] + e2e[key];
process.stdout.write(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped\n`);
process.exit(unit.status === 0 && e2e.status === 0 && total('failed') === 0 ? 0 : 1);
