/** Our folder for what may be thrown away: managed SDK copies, the calls of local runs. */
import os from 'node:os';
import path from 'node:path';
import { VARIABLES } from './variables.js';

/** `OPENLIT_INSTRUMENT_CACHE_DIR`, else `$XDG_CACHE_HOME/openlit-instrument`, else `~/.cache/openlit-instrument`. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const own = env[VARIABLES.cacheDir];
  if (own) return path.resolve(own);
  // The specification of XDG: a relative path is to be ignored.
  const base = env.XDG_CACHE_HOME;
  return path.join(base && path.isAbsolute(base) ? base : path.join(os.homedir(), '.cache'), 'openlit-instrument');
}
