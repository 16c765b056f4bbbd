/**
 * What the hook costs a Python program: an empty script, and the first import of an LLM library with the SDK armed, beside
 * `opentelemetry-instrument` and OpenLIT's own Python launcher. `node bench/python.mjs [--rounds N] [--python PATH]`; needs
 * a build. Installs its environments into `.cache/bench-python` once (about 200 MB, a package index is needed).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measurePaired, printTable, timeCommand } from './paired.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = path.join(ROOT, '.cache', 'bench-python');
const word = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const rounds = Number(word('--rounds', 11));
const base = word('--python', 'python3');

/** Peers carry their own openai: their launchers pin it. */
const ENVIRONMENTS = {
  ours: ['openai==3.52.0'],
  otel: ['openai==3.52.0', 'opentelemetry-distro==0.66b1', 'opentelemetry-exporter-otlp-proto-http==1.45.1'],
  openlit: ['openlit==1.45.0', 'openai==2.54.0', 'opentelemetry-sdk==1.45.1'],
};

function environment(name) {
  const folder = path.join(CACHE, name);
  const python = path.join(folder, 'bin', 'python');
  if (existsSync(path.join(folder, '.ready'))) return folder;
  process.stdout.write(`installing ${ENVIRONMENTS[name].join(', ')} into ${path.relative(ROOT, folder)}\n`);
  execFileSync(base, ['-m', 'venv', folder], { stdio: 'inherit' });
  // uv resolves in seconds what an old pip does not finish in ten minutes.
  execFileSync(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', 'uv'], { stdio: 'inherit' });
  const install = ['-m', 'uv', 'pip', 'install', '-q', '--compile-bytecode', '--python', python];
  execFileSync(python, [...install, ...ENVIRONMENTS[name]], { stdio: 'inherit' });
  writeFileSync(path.join(folder, '.ready'), '');
  return folder;
}

const ours = /^(OTEL|OPENLIT)_|^PYTHON(PATH|DONTWRITEBYTECODE)$/;
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
const env = {
  ...clean,
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

mkdirSync(CACHE, { recursive: true });
const folders = Object.fromEntries(Object.keys(ENVIRONMENTS).map(name => [name, environment(name)]));
const python = path.join(folders.ours, 'bin', 'python');
const cache = path.join(CACHE, 'sdk');
const setup = [path.join(ROOT, 'bin/run.js'), 'setup', 'python', '--python', python];
spawnSync(process.execPath, setup, { env: { ...clean, OPENLIT_INSTRUMENT_CACHE_DIR: cache }, stdio: 'inherit' });

const hooked = {
  ...env,
  OPENLIT_INSTRUMENT_CACHE_DIR: cache,
  PYTHONPATH: path.join(ROOT, 'dist/bootstrap/python'),
};
const peer = name => [path.join(folders[name], 'bin', `${name === 'otel' ? 'opentelemetry' : 'openlit'}-instrument`)];
const run = (argv, environ) => () => timeCommand(argv, { env: environ });

async function compare(title, code, aims) {
  const result = await measurePaired({
    rounds,
    variants: {
      bare: run([python, '-c', code], clean),
      'our hook': run([python, '-c', code], hooked),
      'opentelemetry-instrument': run([...peer('otel'), path.join(folders.otel, 'bin/python'), '-c', code], env),
      'openlit-instrument (Python)': run(
        [...peer('openlit'), path.join(folders.openlit, 'bin/python'), '-c', code],
        env,
      ),
    },
  });
  printTable(title, result, aims);
}

await compare('Python, an empty script', 'pass', { aims: { 'our hook': '<= bare + 10 ms' } });
await compare('Python, `import openai` (ours: with the SDK armed)', 'import openai', {});
