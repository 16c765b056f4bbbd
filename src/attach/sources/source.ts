/** What a source of plaintext is to attach: one way to find, in one file, the places that see it. */
import type { ElfFile } from '../../machine/elf.js';
import type { Placement } from './placement.js';

export interface Source {
  /** For people: `OpenSSL`, `BoringSSL without symbols`. */
  readonly name: string;
  /**
   * Looks into a file. Undefined: nothing of this kind is in it. A reason: it is in there, and its functions are not proven,
   * so nothing may be probed.
   */
  find(elf: ElfFile): Found | Refused | undefined;
}

export interface Found {
  readonly library: string;
  readonly placement: Placement;
}

export interface Refused {
  readonly reason: string;
}
