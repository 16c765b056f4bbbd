/**
 * Images for a node without a registry: archives as `docker save` writes them, made of programs of this machine (Python, Node,
 * a shell) with the libraries that they load, and of files of the project.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Layer {
  readonly file: string;
  readonly digest: string;
}

export interface Image {
  /** With registry and tag. */
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly env?: readonly string[];
  readonly user?: string;
}

/** What a registry has of it. */
export function configOf({ layers, env = [], user = '' }: Image): string {
  return JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin', ...env], User: user, WorkingDir: '/app' },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
}

/** @param words of tar: what goes into the layer */
export async function layer(file: string, words: readonly string[]): Promise<Layer> {
  const plain = ['--owner=0', '--group=0', '--numeric-owner', '--mode=a+rX'];
  await run('tar', ['-cf', file, ...plain, ...words], { maxBuffer: 1 << 26 });
  return await layerOf(file);
}

async function layerOf(file: string): Promise<Layer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return { file, digest: `sha256:${hash.digest('hex')}` };
}

/** Programs of this machine at their own paths, with the libraries that the loader finds for them, and whole folders. */
export async function machineLayer(
  file: string,
  programs: readonly string[],
  folders: readonly string[],
): Promise<Layer> {
  const natives = folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.so') && !name.includes('-packages/'))
      .map(name => path.join(folder, name)),
  );
  const libraries = new Set<string>();
  for (const one of [...programs, ...natives]) {
    const { stdout } = await run('ldd', [one]).catch(() => ({ stdout: '' }));
    for (const [, at] of stdout.matchAll(/(?:=>\s+|^\s+)(\/\S+) \(/gm)) libraries.add(at!);
  }
  const relative = [...programs, ...libraries].map(at => at.slice(1));
  // As files: `/lib` and `/bin` may be links here, and nothing is a link there.
  await run('tar', ['-C', '/', '--owner=0', '--group=0', '--mode=a+rX', '-h', '-cf', file, ...relative]);
  const leftOut = ['test', '__pycache__', 'site-packages', 'dist-packages', '*.a', 'idlelib', 'ensurepip'];
  const excludes = leftOut.map(name => `--exclude=${name}`);
  const whole = folders.map(folder => folder.slice(1));
  await run('tar', ['-C', '/', '--owner=0', '--group=0', '--mode=a+rX', ...excludes, '-rf', file, ...whole]);
  return await layerOf(file);
}

/** One archive of all of them. @returns its file */
export async function archive(folder: string, images: readonly Image[]): Promise<string> {
  const manifest = images.map(image => {
    const config = configOf(image);
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    writeFileSync(path.join(folder, name), config);
    return { Config: name, RepoTags: [image.name], Layers: image.layers.map(({ file }) => path.basename(file)) };
  });
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  const files = new Set(manifest.flatMap(({ Config, Layers }) => [Config, ...Layers]));
  const file = path.join(folder, 'images.tar');
  await run('tar', ['-C', folder, '-cf', file, 'manifest.json', ...files]);
  return file;
}

/** @param command of a shell, which reads the archive from its standard input */
export async function load(file: string, command: string): Promise<void> {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', chunk => {
    said += String(chunk);
  });
  // It may end before it has read all, and then says why.
  child.stdin.on('error', () => {});
  createReadStream(file).pipe(child.stdin);
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${said}`);
}

/** As a name of `PATH` leads to it; a link is not followed, as its name decides what the program does. */
export function program(name: string): string {
  const found = ['/bin', '/usr/bin', '/usr/local/bin'].map(folder => path.join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`there is no ${name} on this machine`);
  return found;
}

export function folderIn(parent: string, name: string): string {
  const at = path.join(parent, name);
  mkdirSync(at, { recursive: true });
  return at;
}
