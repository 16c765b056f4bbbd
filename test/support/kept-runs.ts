/** Programs whose calls are kept in a folder of their own, and our commands on them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EXAMPLE_WORDS, installExample } from './example.js';
import { cleanEnvironment, LAUNCH, type Run, type RunOptions, run } from './launcher.js';
import { type Provider, startProvider } from './provider.js';

export interface KeptRuns {
  readonly folder: string;
  readonly cache: string;
  env(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** Runs the example (five calls, of which one fails) with these flags in front. */
  example(...flags: string[]): Promise<Run>;
  /** One of our commands. */
  ours(...words: string[]): Promise<Run>;
  /** Names of the kept files. */
  files(): string[];
  close(): Promise<void>;
}

export async function keptRuns(): Promise<KeptRuns> {
  installExample();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kept-runs-'));
  const cache = path.join(folder, 'cache');
  const provider: Provider = await startProvider();
  const env = (extra: NodeJS.ProcessEnv = {}) =>
    cleanEnvironment({
      OPENAI_BASE_URL: `${provider.url}/openai/v1`,
      OPENAI_API_KEY: 'sk-planted-key-0123456789',
      OPENLIT_INSTRUMENT_CACHE_DIR: cache,
      TZ: 'UTC',
      ...extra,
    });
  const ours = (words: readonly string[], options: RunOptions = {}) =>
    run([...LAUNCH, ...words], { env: env(), ...options });
  return {
    folder,
    cache,
    env,
    example: (...flags) => ours([...flags, ...EXAMPLE_WORDS]),
    ours: (...words) => ours(words),
    files() {
      try {
        return readdirSync(path.join(cache, 'runs'));
      } catch {
        return [];
      }
    },
    async close() {
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
