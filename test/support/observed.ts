/** Starts programs bare and observed, against the replaying provider and a real OTLP receiver, whatever language they are in. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, LAUNCH, type Run, type RunOptions, run } from './launcher.js';
import { findObservers, observersLeave, tapVariable } from './observers.js';
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
  /** With the hook in the environment; what has arrived when its observer has left is what it handed over. */
  observed(argv: readonly string[], options?: RunOptions): Promise<Observed>;
  /** The whole way: through the launcher. */
  launched(argv: readonly string[], options?: RunOptions & { flags?: readonly string[] }): Promise<Observed>;
  /** Returns when the observers of all programs so far have sent what they have, and are gone. */
  settled(): Promise<void>;
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
  // Launcher, taps and observers meet here, and nobody else's do.
  const folder = await mkdtemp(path.join(os.tmpdir(), 'oi-'));
  const env = (extra: NodeJS.ProcessEnv = {}) =>
    cleanEnvironment({ ...clientEnv(provider), XDG_RUNTIME_DIR: folder, ...extra });
  const observedEnv = (extra: NodeJS.ProcessEnv = {}) => {
    const whole = env({ ...ourEnv, ...hookEnv, ...extra });
    const told = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...whole };
    return { OPENLIT_INSTRUMENT_TAP: tapVariable(folder, told), ...whole };
  };
  const start = (argv: readonly string[], given: RunOptions, whole: NodeJS.ProcessEnv) =>
    run(argv, { ...(cwd === undefined ? {} : { cwd }), ...given, env: whole });

  async function deliver(argv: readonly string[], given: RunOptions, whole: NodeJS.ProcessEnv): Promise<Observed> {
    receiver.clear();
    const ended = await start(argv, given, whole);
    await observersLeave(folder);
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
    settled: () => observersLeave(folder),
    async close() {
      // Those whose collector is not there would go on trying.
      for (const { pid } of findObservers(folder)) process.kill(pid, 'SIGKILL');
      await provider.close();
      await receiver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
