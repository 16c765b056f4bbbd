/**
 * What the hook costs a Python program: an empty script, and the first import of an LLM library with the SDK armed, beside
 * `opentelemetry-instrument` and OpenLIT's own Python launcher. `node bench/python.mjs [--rounds N] [--python PATH]`; needs
 * a build. Installs its environments into `.cache/bench-python` once (about 200 MB, a package index is needed).
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measurePaired, printTable, timeCommand } from './paired.mjs';
import { ENVIRONMENTS, environment, SDK_CACHE, setupSdk } from './python-environment.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const word = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const rounds = Number(word('--rounds', 11));
const base = word('--python', 'python3');

const ours = /^(OTEL|OPENLIT)_|^PYTHON(PATH|DONTWRITEBYTECODE)$/;
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
const env = {
  ...clean,
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

const folders = Object.fromEntries(Object.keys(ENVIRONMENTS).map(name => [name, environment(name, base)]));
const python = path.join(folders.ours, 'bin', 'python');
setupSdk(python, clean);

const hooked = {
  ...env,
  OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE,
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
