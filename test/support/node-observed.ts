/** Node programs for `observed.ts`: the hook in NODE_OPTIONS. */
import path from 'node:path';
import { ROOT } from './launcher.js';
import { type Bench, openBench } from './observed.js';
import { CA_FILE, type ProviderOptions } from './provider.js';

/** What the launcher puts into NODE_OPTIONS. A developer may point the tests at a bundle elsewhere. */
export const HOOK = process.env['NODE_HOOK'] ?? path.join(ROOT, 'dist/bootstrap/node/hook.cjs');
export const PROGRAMS = path.resolve(import.meta.dirname, 'node-clients/programs');

export function openNodeBench(provider: ProviderOptions): Promise<Bench> {
  return openBench({
    provider,
    clientEnv: ({ url }) => ({ PROVIDER_URL: url, NODE_EXTRA_CA_CERTS: CA_FILE }),
    hookEnv: { NODE_OPTIONS: `--require "${HOOK}"` },
  });
}
