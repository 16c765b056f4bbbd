// `npm run demo`: from a clean clone to LLM calls on the screen. Installs what is missing and says so, builds, starts a
// local provider that replays recorded exchanges, and runs a real Python and a real Node program, each with the official
// `openai` client, under the local view. Only Node's own modules here, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
process.chdir(ROOT);
const CACHE = path.join(ROOT, '.cache/demo');
const VENV = path.join(CACHE, 'venv');
const VENV_PYTHON = path.join(VENV, 'bin/python');
const OLDEST_PYTHON = [3, 9];

const terminal = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = text => (terminal ? `\u001b[1m${text}\u001b[0m` : text);
const started = Date.now();

function say(text) {
  const elapsed = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${bold(`\n== ${text}`)} (${elapsed} s)\n`);
}

function fail(text, ...lines) {
  process.stdout.write(`\n${bold('The demo stops:')} ${text}\n${lines.map(line => `   ${line}\n`).join('')}`);
  process.exit(1);
}

function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Runs a step with its output on the screen; a failure ends the demo. */
function must(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) fail(`${command} cannot be started: ${error.message}`);
  if (status !== 0) fail(`${[command, ...args].join(' ')} ended with status ${status}.`);
}

function newest(target) {
  const stat = statSync(target);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(target).reduce((most, name) => Math.max(most, newest(path.join(target, name))), stat.mtimeMs);
}

/** npm leaves a copy of the lock in node_modules when it has finished: newer than the lock means that all is there. */
function installPackages(folder, what) {
  const lock = path.join(folder, 'package-lock.json');
  const installed = path.join(folder, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say(`installing ${what} (npm ci)`);
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

function build() {
  const sources = ['src', 'scripts/build.mjs', 'scripts/prices.mjs', 'package-lock.json', 'tsconfig.json'];
  const result = 'dist/bootstrap/python/sitecustomize.py';
  const stamp = path.join(CACHE, 'built');
  const before = existsSync(stamp) ? Number(readFileSync(stamp, 'utf8')) : 0;
  const now = Math.max(...sources.filter(name => existsSync(name)).map(newest));
  if (existsSync(result) && before === now) return;
  say('building (npm run build)');
  must('npm', ['run', '--silent', 'build']);
  writeFileSync(stamp, String(now));
}

function aptInstall(packages) {
  const command = `apt-get update -q && apt-get install -y -q --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !runs('sh', ['-c', 'command -v apt-get'])) {
    fail(`Debian package ${packages.join(' ')} is needed for the Python example.`, `sudo sh -c '${command}'`);
  }
  say(`installing system packages: ${packages.join(' ')}`);
  must('sh', ['-c', command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function pythonVersion(python) {
  const { status, stdout } = spawnSync(python, ['-c', 'import sys; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim().split(' ').map(Number) : undefined;
}

/** A venv with the pinned client. Debian ships `venv` without what it needs to make one. */
function preparePython() {
  if (!pythonVersion('python3')) aptInstall(['python3', 'python3-venv']);
  const version = pythonVersion('python3');
  if (version[0] < OLDEST_PYTHON[0] || (version[0] === OLDEST_PYTHON[0] && version[1] < OLDEST_PYTHON[1])) {
    fail(`python3 is ${version.join('.')}; ${OLDEST_PYTHON.join('.')} or newer is needed.`);
  }
  const requirements = readFileSync('examples/python/requirements.txt', 'utf8');
  const stamp = path.join(VENV, 'requirements.txt');
  if (runs(VENV_PYTHON, ['-c', '']) && existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return;
  say(`making a virtual environment with the openai client (Python ${version.join('.')})`);
  rmSync(VENV, { recursive: true, force: true });
  if (!runs('python3', ['-m', 'venv', VENV])) {
    aptInstall(['python3-venv']);
    must('python3', ['-m', 'venv', '--clear', VENV]);
  }
  const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--quiet', '--progress-bar', 'off'];
  must(VENV_PYTHON, [...pip, '-r', 'examples/python/requirements.txt']);
  writeFileSync(stamp, requirements);
}

/** The program as a person would start it; resolves with its summary. */
function observe(provider, words, folder) {
  const summaryFile = path.join(CACHE, 'summary.json');
  rmSync(summaryFile, { force: true });
  const shown = words.map(word => (path.isAbsolute(word) ? path.basename(word) : word));
  process.stdout.write(`$ cd ${path.relative(ROOT, folder)}; openlit-instrument ${shown.join(' ')}\n`);
  const args = [path.join(ROOT, 'bin/run.js'), '--live', '--summary-json', summaryFile, ...words];
  // An endpoint of the person's own would send the demo's calls there.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')));
  return new Promise((resolve, reject) => {
    spawn(process.execPath, args, {
      cwd: folder,
      stdio: 'inherit',
      env: { ...env, OPENAI_BASE_URL: `${provider.url}/openai/v1`, OPENAI_API_KEY: 'not-a-key' },
    })
      .on('error', reject)
      .on('close', status => {
        if (status !== 0) return reject(new Error(`${shown.join(' ')} ended with status ${status}`));
        resolve(existsSync(summaryFile) ? JSON.parse(readFileSync(summaryFile, 'utf8')) : undefined);
      });
  });
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node is ${process.version}; 20.19 or newer is needed.`);

mkdirSync(CACHE, { recursive: true });
installPackages(ROOT, 'npm packages');
build();
installPackages(path.join(ROOT, 'examples/node'), "the Node example's client");
preparePython();

say("OpenLIT's SDK for that Python (openlit-instrument setup python)");
must(process.execPath, ['bin/run.js', 'setup', 'python', '--python', VENV_PYTHON]);

say('starting a local provider that replays recorded exchanges');
const { startProvider } = await import('../examples/provider/server.mjs');
const provider = await startProvider();
process.stdout.write(`listening on ${provider.url}\n`);

const results = [];
try {
  say('a Python program with the official openai client');
  results.push(await observe(provider, [VENV_PYTHON, 'app.py'], path.join(ROOT, 'examples/python')));
  say('a Node program with the official openai client');
  results.push(await observe(provider, ['node', 'app.mjs'], path.join(ROOT, 'examples/node')));
} catch (error) {
  fail(error.message);
} finally {
  await provider.close();
}

const made = provider.requests.length;
const seen = results.reduce((sum, summary) => sum + (summary?.calls ?? 0), 0);
if (seen !== made) fail(`the programs made ${made} calls, and ${seen} of them were seen.`);
say(`done: ${made} calls made, ${seen} seen`);
const ours = `node ${path.relative(process.env.INIT_CWD ?? ROOT, 'bin/run.js')}`;
process.stdout.write(
  `On a page:  ${ours} ui          the calls above, in the browser (in the terminal: ${ours} show)\n`,
);
process.stdout.write(`Now yours:  ${ours} python app.py\n`);
