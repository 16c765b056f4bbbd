/**
 * Is there a configuration file at all? Answered with a few stat calls, so that a launch without one never loads
 * cosmiconfig, yaml and zod. The same places in the same order as `file.ts` gives to cosmiconfig.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const FILE_NAMES = ['openlit.yml', 'openlit.yaml', 'openlit.json'] as const;
export const PACKAGE_FILE = 'package.json';
export const PACKAGE_KEY = 'openlit';

/** Absolute path of the nearest file from `folder` upwards; `package.json` counts when it has an `openlit` key. */
export function findFile(folder: string): string | undefined {
  let at = path.resolve(folder);
  for (;;) {
    for (const name of FILE_NAMES) {
      const file = path.join(at, name);
      if (existsSync(file)) return file;
    }
    const packageFile = path.join(at, PACKAGE_FILE);
    if (hasOurKey(packageFile)) return packageFile;
    const above = path.dirname(at);
    if (above === at) return undefined;
    at = above;
  }
}

function hasOurKey(file: string): boolean {
  try {
    const text = readFileSync(file, 'utf8');
    if (!text.includes(`"${PACKAGE_KEY}"`)) return false;
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && PACKAGE_KEY in content;
  } catch {
    return false;
  }
}

/** The working directory, or nothing when it was deleted. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
