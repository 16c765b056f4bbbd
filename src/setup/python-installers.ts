/** Ways to install locked wheels for an interpreter, best first: uv (half a second), its own pip, pip out of ensurepip. */
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface Installer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface InstallRequest {
  readonly python: string;
  readonly lock: string;
  readonly target: string;
  /** Folder of wheels; with it nothing is fetched. */
  readonly offline?: string;
}

/** The hashes decide what is installed; the resolver stays off, because it walks back to ancient versions. */
const COMMON = ['--no-deps', '--require-hashes'] as const;

export function uvInstaller(request: InstallRequest, env: NodeJS.ProcessEnv): Installer | undefined {
  const uv = findOnPath('uv', env);
  if (uv === undefined) return undefined;
  const source = request.offline === undefined ? [] : ['--offline', '--no-index', '--find-links', request.offline];
  const args = ['pip', 'install', '--quiet', ...COMMON, ...source, '--no-config', '--link-mode', 'copy'];
  return {
    name: 'uv',
    command: uv,
    args: [...args, '--python', request.python, '--target', request.target, '-r', request.lock],
  };
}

/** `pip` is either `-m pip` or the path of pip's code inside the wheel that ensurepip carries. */
export function pipInstaller(request: InstallRequest, pip: readonly string[], name: string): Installer {
  const source = request.offline === undefined ? [] : ['--no-index', '--find-links', request.offline];
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-warn-script-location'];
  const args = ['install', ...quiet, ...COMMON, ...source, '--prefer-binary', '--no-compile'];
  return { name, command: request.python, args: [...pip, ...args, '--target', request.target, '-r', request.lock] };
}

function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  for (const folder of (env['PATH'] ?? '').split(':')) {
    const file = path.join(folder, name);
    if (folder !== '' && existsSync(file)) return file;
  }
  return undefined;
}
