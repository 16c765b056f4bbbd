/** Starts Node programs bare and observed, against the replaying provider and a real OTLP receiver. */
import path from 'node:path';
import { cleanEnvironment, EXEC_LAUNCH, LAUNCH, ROOT, type Run, type RunOptions, run } from './launcher.js';
import { type FlatSpan, type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';
import { CA_FILE, type Provider, type ProviderOptions, startProvider } from './provider.js';

export { LAUNCH };

/** What the launcher puts into NODE_OPTIONS. A developer may point the tests at a bundle elsewhere. */
export const HOOK = process.env['NODE_HOOK'] ?? path.join(ROOT, 'dist/bootstrap/node/hook.cjs');
export const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/node');
export const PROGRAMS = path.resolve(import.meta.dirname, 'node-clients/programs');

export interface Observed extends Run {
  readonly spans: readonly FlatSpan[];
}

export interface Bench {
  readonly provider: Provider;
  readonly receiver: OtlpReceiver;
  /** The environment of a program that is not observed. */
  env(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** The same with the hook and the receiver. */
  observedEnv(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  bare(argv: readonly string[], options?: RunOptions): Promise<Run>;
  /** With the hook in NODE_OPTIONS; what has arrived when the program has ended is what it delivered. */
  observed(argv: readonly string[], options?: RunOptions): Promise<Observed>;
  /** The whole way: through the launcher. */
  launched(argv: readonly string[], options?: RunOptions & { flags?: readonly string[] }): Promise<Observed>;
  close(): Promise<void>;
}

export async function openBench(options: ProviderOptions = { tls: true }): Promise<Bench> {
  const provider = await startProvider({ fixtures: FIXTURES, ...options });
  const receiver = await startOtlpReceiver();
  const env = (extra: NodeJS.ProcessEnv = {}) =>
    cleanEnvironment({ PROVIDER_URL: provider.url, NODE_EXTRA_CA_CERTS: CA_FILE, ...extra });
  const observedEnv = (extra: NodeJS.ProcessEnv = {}) =>
    env({ NODE_OPTIONS: `--require "${HOOK}"`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...extra });

  async function deliver(start: () => Promise<Run>): Promise<Observed> {
    receiver.clear();
    const ended = await start();
    // The receiver answers a request after it has stored it; the program may be gone a moment before.
    await new Promise(resolve => setImmediate(resolve));
    return { ...ended, spans: [...receiver.spans] };
  }

  return {
    provider,
    receiver,
    env,
    observedEnv,
    bare: (argv, given = {}) => run(argv, { ...given, env: env(given.env) }),
    observed: (argv, given = {}) => deliver(() => run(argv, { ...given, env: observedEnv(given.env) })),
    launched: (argv, { flags = [], ...given } = {}) =>
      deliver(() =>
        run([...LAUNCH, '--quiet', '--endpoint', receiver.url, ...flags, '--', ...argv], {
          ...given,
          env: env(given.env),
        }),
      ),
    async close() {
      await provider.close();
      await receiver.close();
    },
  };
}

/** The one span of this request model, or all of them by it. */
export function spansOf(spans: readonly FlatSpan[], model: string): FlatSpan[] {
  return spans.filter(span => span.attributes['gen_ai.request.model'] === model);
}

export { EXEC_LAUNCH };
