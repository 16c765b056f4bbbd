/** Starts programs bare and observed, against the replaying provider and a real OTLP receiver, whatever language they are in. */
import path from 'node:path';
import { cleanEnvironment, LAUNCH, type Run, type RunOptions, run } from './launcher.js';
import { type FlatSpan, type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';
import { type Provider, type ProviderOptions, startProvider } from './provider.js';

/** The exchanges that the clients of every language have: all must tell the same of them. */
export const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/node');

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
  /** With the hook in the environment; what has arrived when the program has ended is what it delivered. */
  observed(argv: readonly string[], options?: RunOptions): Promise<Observed>;
  /** The whole way: through the launcher. */
  launched(argv: readonly string[], options?: RunOptions & { flags?: readonly string[] }): Promise<Observed>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly provider: ProviderOptions;
  /** What lets a client of this language find the provider. */
  readonly clientEnv: (provider: Provider) => NodeJS.ProcessEnv;
  /** What the hook needs to be there, as the launcher sets it. */
  readonly hookEnv: NodeJS.ProcessEnv;
  /** For observed programs, launched or not: where the tests keep what is ours. */
  readonly ourEnv?: NodeJS.ProcessEnv;
  /** Where programs start unless a test says otherwise. */
  readonly cwd?: string;
}

export async function openBench({ clientEnv, hookEnv, ourEnv, cwd, ...options }: BenchOptions): Promise<Bench> {
  const provider = await startProvider({ fixtures: FIXTURES, ...options.provider });
  const receiver = await startOtlpReceiver();
  const env = (extra: NodeJS.ProcessEnv = {}) => cleanEnvironment({ ...clientEnv(provider), ...extra });
  const observedEnv = (extra: NodeJS.ProcessEnv = {}) =>
    env({ ...ourEnv, ...hookEnv, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...extra });
  const start = (argv: readonly string[], given: RunOptions, whole: NodeJS.ProcessEnv) =>
    run(argv, { ...(cwd === undefined ? {} : { cwd }), ...given, env: whole });

  async function deliver(argv: readonly string[], given: RunOptions, whole: NodeJS.ProcessEnv): Promise<Observed> {
    receiver.clear();
    const ended = await start(argv, given, whole);
    // The receiver answers a request after it has stored it; the program may be gone a moment before.
    await new Promise(resolve => setImmediate(resolve));
    return { ...ended, spans: [...receiver.spans] };
  }

  return {
    provider,
    receiver,
    env,
    observedEnv,
    bare: (argv, given = {}) => start(argv, given, env(given.env)),
    observed: (argv, given = {}) => deliver(argv, given, observedEnv(given.env)),
    launched: (argv, { flags = [], ...given } = {}) =>
      deliver(
        [...LAUNCH, '--quiet', '--endpoint', receiver.url, ...flags, '--', ...argv],
        given,
        env({ ...ourEnv, ...given.env }),
      ),
    async close() {
      await provider.close();
      await receiver.close();
    },
  };
}
