/** Python programs for `observed.ts`: our folder on PYTHONPATH, and the SDK copy that tests share. */
import path from 'node:path';
import { ROOT } from './launcher.js';
import { type Bench, openBench } from './observed.js';
import { CA_FILE } from './provider.js';
import { SDK_CACHE } from './python-environments.js';

export const BOOTSTRAP = path.join(ROOT, 'dist/bootstrap/python');
export const PROGRAMS = path.resolve(import.meta.dirname, 'python-programs');

/** A key that must never appear in anything that leaves the process. */
export const PLANTED_KEY = 'sk-planted-key-0123456789abcdef';

export function openPythonBench(): Promise<Bench> {
  return openBench({
    provider: { tls: true },
    clientEnv: ({ url }) => ({
      PROVIDER_URL: url,
      OPENAI_BASE_URL: `${url}/openai/v1`,
      OPENAI_API_KEY: PLANTED_KEY,
      ANTHROPIC_BASE_URL: `${url}/anthropic`,
      ANTHROPIC_API_KEY: PLANTED_KEY,
      SSL_CERT_FILE: CA_FILE,
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '',
      LANGSMITH_TRACING: 'false',
    }),
    hookEnv: { PYTHONPATH: BOOTSTRAP },
    ourEnv: { OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE },
    cwd: PROGRAMS,
  });
}
