/** Virtual environments for the benchmarks of Python, in `.cache/bench-python`; made once, a package index is needed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = path.join(ROOT, '.cache', 'bench-python');

/** The copies of the SDK that the benchmarks use: never the developer's own. */
export const SDK_CACHE = path.join(CACHE, 'sdk');

const GUNICORN = 'gunicorn==27.0.1';

/** Peers carry their own openai: their launchers pin it. */
export const ENVIRONMENTS = {
  ours: ['openai==3.52.0', GUNICORN],
  datadog: ['openai==3.52.0', GUNICORN, 'ddtrace==4.16.0'],
  otel: [
    ...['openai==3.52.0', GUNICORN, 'opentelemetry-distro==0.66b1', 'opentelemetry-exporter-otlp-proto-http==1.45.1'],
    'opentelemetry-instrumentation-openai-v2==2.4b0',
  ],
  openlit: ['openlit==1.45.0', 'openai==2.54.0', GUNICORN, 'opentelemetry-sdk==1.45.1'],
};

/** @returns the environment's folder, installed if it is not there */
export function environment(name, base = 'python3') {
  const folder = path.join(CACHE, name);
  const python = path.join(folder, 'bin', 'python');
  if (existsSync(path.join(folder, '.ready'))) return folder;
  process.stdout.write(`installing ${ENVIRONMENTS[name].join(', ')} into ${path.relative(ROOT, folder)}\n`);
  mkdirSync(CACHE, { recursive: true });
  execFileSync(base, ['-m', 'venv', folder], { stdio: 'inherit' });
  // uv resolves in seconds what an old pip does not finish in ten minutes.
  execFileSync(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', 'uv'], { stdio: 'inherit' });
  const install = ['-m', 'uv', 'pip', 'install', '-q', '--compile-bytecode', '--python', python];
  execFileSync(python, [...install, ...ENVIRONMENTS[name]], { stdio: 'inherit' });
  writeFileSync(path.join(folder, '.ready'), '');
  return folder;
}

/** The copy of the SDK for an interpreter, as `setup python` makes it. */
export function setupSdk(python, env) {
  const words = [path.join(ROOT, 'bin/run.js'), 'setup', 'python', '--python', python];
  spawnSync(process.execPath, words, { env: { ...env, OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE }, stdio: 'inherit' });
}
