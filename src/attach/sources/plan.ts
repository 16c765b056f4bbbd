/** From a pid to the places that are probed: every TLS library in every executable file that the process has mapped. */
import { basename } from 'node:path';
import { type ElfFile, openElf } from '../../machine/elf.js';
import { type MappedFile, reachableFile, readMaps } from '../../machine/maps.js';
import { BY_NAME, BY_TRACES } from './index.js';
import type { Placement } from './placement.js';

export interface FilePlan {
  /** As the process sees it. */
  readonly file: string;
  /** As the kernel is told. */
  readonly attachPath: string;
  readonly inode: number;
  readonly library: string;
  readonly buildId?: string;
  readonly placement: Placement;
}

export interface ProcessPlan {
  readonly pid: number;
  readonly files: readonly FilePlan[];
  /** Files that look like TLS libraries or hold TLS code, and are not used, each with the reason. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
}

/** `reason`: why it is not used; `holdsTls`: TLS code was found in it, so that is said whatever the file is called. */
type Finding =
  | { library: string; buildId?: string; placement: Placement }
  | { reason: string; holdsTls?: true }
  | undefined;

/** Remembers what a file holds, by build-id where it has one, else by device and inode, for the life of the session. */
export class Planner {
  readonly #byBuildId = new Map<string, Finding>();
  readonly #byInode = new Map<string, Finding>();

  /**
   * Reads `/proc/PID/maps` now. A process without TLS code gives an empty plan, and so does one that has ended or is being
   * replaced by another program, which has nothing mapped for a moment. Throws a `Problem` without permission.
   */
  plan(pid: number): ProcessPlan {
    const files: FilePlan[] = [];
    const refused: { file: string; reason: string }[] = [];
    for (const mapped of readMaps(pid)) {
      const attachPath = reachableFile(pid, mapped);
      const suspicious = /ssl|crypto|tls/i.test(basename(mapped.path));
      if (!attachPath) {
        if (suspicious)
          refused.push({
            file: mapped.path,
            reason: 'it cannot be opened: deleted, and not reachable through the process',
          });
        continue;
      }
      const finding = this.#find(attachPath, mapped);
      if (!finding) continue;
      if ('reason' in finding) {
        if (suspicious || finding.holdsTls) refused.push({ file: mapped.path, reason: finding.reason });
        continue;
      }
      files.push({ file: mapped.path, attachPath, inode: mapped.inode, ...finding });
    }
    return { pid, files, refused };
  }

  #find(path: string, mapped: MappedFile): Finding {
    const key = `${mapped.device} ${mapped.inode}`;
    if (this.#byInode.has(key)) return this.#byInode.get(key);
    const finding = this.#inspect(path);
    this.#byInode.set(key, finding);
    return finding;
  }

  #inspect(path: string): Finding {
    let elf: ElfFile | undefined;
    try {
      elf = openElf(path);
      const known = elf.buildId && this.#byBuildId.has(elf.buildId) ? this.#byBuildId.get(elf.buildId) : findTls(elf);
      if (elf.buildId) this.#byBuildId.set(elf.buildId, known);
      return known;
    } catch (error) {
      return { reason: (error as Error).message };
    } finally {
      elf?.close();
    }
  }
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
