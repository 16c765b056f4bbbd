/**
 * The files that come with the package: the BPF object and libbpf for this machine, checked against the manifest before
 * anything is loaded, because a damaged library does not fail, it crashes.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT_STATUS, Problem } from '../../errors.js';

const FOLDER = fileURLToPath(new URL('../../../bpf/prebuilt/', import.meta.url));
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'linux-x64', arm64: 'linux-arm64' };

export interface Manifest {
  /** SHA-256 over the BPF sources in the order of their names. */
  readonly sources: string;
  readonly libbpfSources: string;
  readonly compiler: string;
  readonly flags: string;
  /** Path inside the folder -> SHA-256. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Prebuilt {
  readonly object: string;
  /** libbpf to try, in this order: ours, then the system's. */
  readonly libraries: readonly string[];
}

/** Throws a `Problem` for a system without prebuilt files, and for a damaged package. */
export function findPrebuilt(platform = process.platform, architecture = process.arch, folder = FOLDER): Prebuilt {
  const name = ARCHITECTURES[architecture];
  if (platform !== 'linux' || !name)
    throw new Problem({
      code: 'UNSUPPORTED_SYSTEM',
      message: `attach does not run on ${platform} ${architecture}`,
      reason: 'it needs eBPF, and is built for Linux on x86-64 and arm64',
      fixes: ['openlit-instrument <program>   (launch it observed instead)'],
      exit: EXIT_STATUS.missingPrivilegeOrFeature,
    });
  const manifest = readManifest(folder);
  const object = checkFile(folder, `${name}/tls.bpf.o`, manifest);
  const libraries: string[] = [];
  try {
    libraries.push(checkFile(folder, `${name}/libbpf.so`, manifest));
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // the system's may do; the loader says what it tried
  }
  return { object, libraries: [...libraries, 'libbpf.so.1'] };
}

export function readManifest(folder = FOLDER): Manifest {
  try {
    return JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Manifest;
  } catch (error) {
    throw damaged('manifest.json', (error as Error).message);
  }
}

function checkFile(folder: string, file: string, manifest: Manifest): string {
  const path = `${folder.replace(/\/$/, '')}/${file}`;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw damaged(file, (error as Error).message);
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== manifest.files?.[file]) throw damaged(file, 'its checksum is not the one in manifest.json');
  return path;
}

function damaged(file: string, reason: string): Problem {
  return new Problem({
    code: 'DAMAGED_PACKAGE',
    message: `bpf/prebuilt/${file} of this installation cannot be used`,
    reason,
    fixes: ['npm install -g ./openlit-instrument-*.tgz   (the package again)', 'npm run build:bpf   (in a clone)'],
  });
}
