/** Starts Python programs bare and observed, against the replaying provider and a real OTLP receiver. */
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, LAUNCH, ROOT, type Run, type RunOptions, run } from './launcher.js';
import { type FlatSpan, type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';
import { CA_FILE, type Provider, startProvider } from './provider.js';
import { SDK_CACHE } from './python-environments.js';

export const BOOTSTRAP = path.join(ROOT, 'dist/bootstrap/python');
export const PROGRAMS = path.resolve(import.meta.dirname, 'python-programs');
/** The exchanges of the Node tests: both languages must tell the same of them. */
const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/node');

/** A key that must never appear in anything that leaves the process. */
export const PLANTED_KEY = 'sk-planted-key-0123456789abcdef';

export interface Observed extends Run {
  readonly spans: readonly FlatSpan[];
  /** What the hooks wrote to the status file. */
  readonly status_lines: readonly Record<string, unknown>[];
}

export interface PythonBench {
  readonly provider: Provider;
  readonly receiver: OtlpReceiver;
  env(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  observedEnv(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  bare(argv: readonly string[], options?: RunOptions): Promise<Run>;
  /** With our folder on PYTHONPATH; what has arrived when the program has ended is what it delivered. */
  observed(argv: readonly string[], options?: RunOptions): Promise<Observed>;
  /** Both at the same time, which is sooner on two processors. */
  bareAndObserved(argv: readonly string[], options?: RunOptions): Promise<[bare: Run, observed: Observed]>;
  /** The whole way, through the launcher. */
  launched(argv: readonly string[], options?: RunOptions & { flags?: readonly string[] }): Promise<Observed>;
  close(): Promise<void>;
}

export async function openPythonBench(): Promise<PythonBench> {
  const provider = await startProvider({ tls: true, fixtures: FIXTURES });
  const receiver = await startOtlpReceiver();
  const status = path.join(mkdtempSync(path.join(os.tmpdir(), 'openlit-python-')), 'status');
  const env = (extra: NodeJS.ProcessEnv = {}) =>
    cleanEnvironment({
      PROVIDER_URL: provider.url,
      OPENAI_BASE_URL: `${provider.url}/openai/v1`,
      OPENAI_API_KEY: PLANTED_KEY,
      ANTHROPIC_BASE_URL: `${provider.url}/anthropic`,
      ANTHROPIC_API_KEY: PLANTED_KEY,
      SSL_CERT_FILE: CA_FILE,
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '',
      LANGSMITH_TRACING: 'false',
      ...extra,
    });
  const ours = { OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE, OPENLIT_INSTRUMENT_STATUS_FILE: status };
  const observedEnv = (extra: NodeJS.ProcessEnv = {}) =>
    env({ ...ours, PYTHONPATH: BOOTSTRAP, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...extra });
  let told = 0;

  async function deliver(start: () => Promise<Run>): Promise<Observed> {
    receiver.clear();
    const ended = await start();
    // The receiver answers a request after it has stored it; the program may be gone a moment before.
    await new Promise(resolve => setImmediate(resolve));
    const lines = readLines(status);
    const fresh = lines.slice(told);
    told = lines.length;
    return { ...ended, spans: [...receiver.spans], status_lines: fresh };
  }

  const bare = (argv: readonly string[], given: RunOptions = {}) =>
    run(argv, { cwd: PROGRAMS, ...given, env: env(given.env) });
  const observed = (argv: readonly string[], given: RunOptions = {}) =>
    deliver(() => run(argv, { cwd: PROGRAMS, ...given, env: observedEnv(given.env) }));

  return {
    provider,
    receiver,
    env,
    observedEnv,
    bare,
    observed,
    bareAndObserved: (argv, options) => Promise.all([bare(argv, options), observed(argv, options)]),
    launched: (argv, { flags = [], ...given } = {}) =>
      deliver(() =>
        run([...LAUNCH, '--quiet', '--endpoint', receiver.url, ...flags, '--', ...argv], {
          cwd: PROGRAMS,
          ...given,
          env: env({ ...ours, ...given.env }),
        }),
      ),
    async close() {
      await provider.close();
      await receiver.close();
    },
  };
}

function readLines(file: string): Record<string, unknown>[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
  } catch {
    return [];
  }
}
