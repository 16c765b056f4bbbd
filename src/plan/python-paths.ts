/** Which Python stands behind a shim or a project tool, told from files alone (`pyenv which` would cost 50 ms). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { which } from '../machine/exec/which.js';

/** The real interpreter behind a pyenv shim; `undefined` when `file` is none or its version cannot be told. */
export function shimTarget(file: string, env: NodeJS.ProcessEnv): string | undefined {
  const name = path.basename(file);
  const root = env['PYENV_ROOT'] || (env['HOME'] && path.join(env['HOME'], '.pyenv'));
  const isShim = /\/shims\/[^/]+$/.test(file) || !file.includes('/');
  if (!root || !isShim || !existsSync(path.join(root, 'versions'))) return undefined;
  for (const version of pyenvVersions(root, env)) {
    if (version === 'system') return behindShims(name, root, env);
    const folder = versionFolder(root, version);
    for (const candidate of [name, 'python3', 'python']) {
      const python = folder && path.join(folder, 'bin', candidate);
      if (python && existsSync(python)) return python;
    }
  }
  return behindShims(name, root, env);
}

/** `system`: what PATH has besides the shims. */
function behindShims(name: string, root: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(':').filter(folder => path.resolve(folder) !== path.join(root, 'shims'));
  const found = which(name, folders.join(':'));
  return found.ok ? found.path : undefined;
}

/** PYENV_VERSION, else the nearest `.python-version` upwards, else pyenv's global choice. */
function pyenvVersions(root: string, env: NodeJS.ProcessEnv): string[] {
  if (env['PYENV_VERSION']) return env['PYENV_VERSION'].split(':');
  let folder = currentFolder();
  while (folder !== undefined) {
    const versions = readWords(path.join(folder, '.python-version'));
    if (versions) return versions;
    const above = path.dirname(folder);
    folder = above === folder ? undefined : above;
  }
  return readWords(path.join(root, 'version')) ?? [];
}

/** `3.11` stands for the newest installed 3.11.x. */
function versionFolder(root: string, version: string): string | undefined {
  const versions = path.join(root, 'versions');
  if (existsSync(path.join(versions, version))) return path.join(versions, version);
  try {
    const patch = (name: string) => Number(name.slice(version.length + 1)) || 0;
    const matching = readdirSync(versions).filter(name => name.startsWith(`${version}.`));
    const [newest] = matching.sort((a, b) => patch(b) - patch(a));
    return newest && path.join(versions, newest);
  } catch {
    return undefined;
  }
}

/** The Python that `uv run` or `poetry run` will most likely use: the active venv, else the nearest `.venv`. */
export function projectPython(env: NodeJS.ProcessEnv): string | undefined {
  const active = env['VIRTUAL_ENV'] && path.join(env['VIRTUAL_ENV'], 'bin', 'python');
  if (active && existsSync(active)) return active;
  let folder = currentFolder();
  while (folder !== undefined) {
    const python = path.join(folder, '.venv', 'bin', 'python');
    if (existsSync(python)) return python;
    const above = path.dirname(folder);
    folder = above === folder ? undefined : above;
  }
  return undefined;
}

function readWords(file: string): string[] | undefined {
  try {
    const words = readFileSync(file, 'utf8').split(/\s+/).filter(Boolean);
    return words.length > 0 ? words : undefined;
  } catch {
    return undefined;
  }
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
