/** From a pid to the places that are probed: every TLS library in every executable file that the process has mapped. */
import { basename, dirname, join } from 'node:path';
import { type ElfFile, openElf } from '../../machine/elf.js';
import { insideProcess, listInside } from '../../machine/files-inside.js';
import { type FileIdentity, identifyFile, reachableFile, readMaps } from '../../machine/maps.js';
import { isGone, tooManyFiles } from '../../machine/proc.js';
import { BY_NAME, BY_TRACES } from './index.js';
import { mayBeLoader, placeNotice } from './loader.js';
import type { Placement } from './placement.js';

export interface FilePlan extends FileIdentity {
  /** As the process sees it. */
  readonly file: string;
  /** As the kernel is told. */
  readonly attachPath: string;
  readonly library: string;
  readonly buildId?: string;
  readonly placement: Placement;
}

export interface ProcessPlan {
  readonly pid: number;
  readonly files: readonly FilePlan[];
  /** The dynamic loader, where it says when it maps a library. */
  readonly loaders: readonly FilePlan[];
  /** Files that look like TLS libraries or hold TLS code, and are not used, each with the reason. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
}

interface Found {
  readonly library: string;
  readonly buildId?: string;
  readonly placement: Placement;
}
/** `holdsTls`: TLS code was found in it, so that its refusal is said whatever the file is called. */
export type Finding = Found | { readonly reason: string; readonly holdsTls?: true } | undefined;
/** `findTls`, or one that remembers. */
export type FindTls = (elf: ElfFile) => Finding;
/** What a file holds: TLS code, and the loader's notice. */
interface Contents {
  readonly tls: Finding;
  readonly notice: Placement | undefined;
}

/** TLS libraries by their names, also as wheels of Python have them (`libssl-8b66dd34.so.3`): little time to find, and likely. */
export const isNamedTls = (path: string): boolean => /^lib(ssl|gnutls)[-\w]*\.so/.test(basename(path));
/** TLS libraries that programs load by name. */
const LIBRARY = /^lib(ssl|gnutls)\.so(\.\d+)*$/;
/** Standard libraries: what a program loads later lies beside them. */
const STANDARD = /^(libc|ld-linux|ld-musl)[-.]/;

/**
 * Remembers what a file holds for the life of the session, by the file itself. Not by its build-id: who can write a file can
 * give it another's, and places that were found in one would crash the other's program. Costs a search for each copy.
 */
export class Planner {
  readonly #byFile = new Map<string, Contents>();
  readonly #find: FindTls;

  constructor(find: FindTls = findTls) {
    this.#find = find;
  }

  /**
   * Reads `/proc/PID/maps` now. A process without TLS code gives an empty plan, and so does one that has ended or is being
   * replaced by another program, which has nothing mapped for a moment. Throws a `Problem` without permission, and when a
   * limit of ours keeps it from being read. `only` leaves out files by their paths.
   */
  plan(pid: number, only: (path: string) => boolean = () => true): ProcessPlan {
    const files: FilePlan[] = [];
    const loaders: FilePlan[] = [];
    const refused: { file: string; reason: string }[] = [];
    for (const mapped of readMaps(pid)) {
      if (!only(mapped.path)) continue;
      const reached = reachableFile(pid, mapped);
      const suspicious = /ssl|crypto|tls/i.test(basename(mapped.path));
      if (!reached) {
        if (suspicious)
          refused.push({
            file: mapped.path,
            reason: 'it cannot be opened: deleted, and not reachable through the process',
          });
        continue;
      }
      const { path: attachPath, key, version } = reached;
      const { tls, notice } = this.#contents(attachPath, mapped.path, reached);
      const file = { file: mapped.path, attachPath, key, version };
      if (notice) loaders.push({ ...file, library: 'dynamic loader', placement: notice });
      if (!tls) continue;
      if ('reason' in tls) {
        if (suspicious || tls.holdsTls) refused.push({ file: mapped.path, reason: tls.reason });
        continue;
      }
      files.push({ ...file, ...tls });
    }
    return { pid, files, loaders, refused };
  }

  /**
   * TLS libraries that the process has not loaded, beside the standard libraries that it has: a probe in one of them is
   * live before the library is loaded.
   */
  beside(pid: number): FilePlan[] {
    const folders = readMaps(pid).filter(({ path }) => STANDARD.test(basename(path)));
    return [...new Set(folders.map(({ path }) => dirname(path)))].flatMap(folder =>
      listInside(pid, folder)
        .filter(name => LIBRARY.test(name))
        .flatMap(name => this.planFile(pid, join(folder, name)) ?? []),
    );
  }

  /** A file that the process may map: undefined where there is none at this path of its, or no TLS code that can be probed. */
  planFile(pid: number, file: string): FilePlan | undefined {
    const attachPath = insideProcess(pid, file);
    const identity = identifyFile(attachPath);
    if (!identity) return undefined;
    const { tls } = this.#contents(attachPath, file, identity);
    if (!tls || 'reason' in tls) return undefined;
    return { file, attachPath, key: identity.key, version: identity.version, ...tls };
  }

  #contents(path: string, name: string, { key, version }: FileIdentity): Contents {
    const file = `${key} ${version}`;
    const known = this.#byFile.get(file);
    if (known) return known;
    const contents = this.#inspect(path, name);
    if (contents) this.#byFile.set(file, contents);
    return contents ?? { tls: { reason: 'it is gone' }, notice: undefined };
  }

  /** Undefined where the file could not be opened now, which says nothing of the file. */
  #inspect(path: string, name: string): Contents | undefined {
    let elf: ElfFile | undefined;
    try {
      elf = openElf(path);
      return { tls: this.#find(elf), notice: mayBeLoader(name) ? placeNotice(elf) : undefined };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EMFILE' || code === 'ENFILE') throw tooManyFiles(error as Error);
      if (isGone(error)) return undefined;
      return { tls: { reason: message }, notice: undefined };
    } finally {
      elf?.close();
    }
  }
}

/** The same file as another process sees it; undefined where that has no such file at its path. */
export function planFor(pid: number, plan: FilePlan): FilePlan | undefined {
  const attachPath = insideProcess(pid, plan.file);
  const found = identifyFile(attachPath);
  return found?.key === plan.key && found.version === plan.version ? { ...plan, attachPath } : undefined;
}

/** What the sources find in a file; undefined for the many files that have nothing of any. */
export function findTls(elf: ElfFile): Finding {
  if (elf.machine === 'other') return { reason: 'its machine is neither x86-64 nor arm64' };
  const named = BY_NAME.flatMap(source => source.find(elf) ?? []);
  // BoringSSL's functions have the names of OpenSSL's.
  const traces = named.length > 0 ? [] : BY_TRACES.flatMap(source => source.find(elf) ?? []);
  const findings = [...named, ...traces];
  const found = findings.filter(finding => 'placement' in finding);
  if (found.length === 0) {
    const refusal = findings.find(finding => 'reason' in finding);
    return refusal && { ...refusal, holdsTls: true };
  }
  return {
    library: found.map(({ library }) => library).join(' and '),
    ...(elf.buildId ? { buildId: elf.buildId } : {}),
    placement: {
      places: found.flatMap(({ placement }) => placement.places),
      notes: found.flatMap(({ placement }) => placement.notes),
    },
  };
}
