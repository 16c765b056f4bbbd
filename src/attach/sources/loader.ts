/**
 * The dynamic loader's `_dl_debug_state`: an empty function that it calls for debuggers before and after it maps libraries
 * (glibc's elf/dl-debug.c, musl's ldso/dynlink.c). A probe there says that it is time to look at the memory map.
 */
import { basename } from 'node:path';
import type { ElfFile } from '../../machine/elf.js';
import type { Placement } from './placement.js';

const NOTICE = '_dl_debug_state';
const ENDBR64 = 'f30f1efa';

/** Whether a file can be a loader by its name, so that others are not searched: `ld-linux-x86-64.so.2`, musl's `libc.so`. */
export const mayBeLoader = (path: string): boolean => /^(ld[-.\d]|libc[.-])/.test(basename(path));

/** The one place; undefined in a file that is no loader. */
export function placeNotice(elf: ElfFile): Placement | undefined {
  const found = elf.machine === 'other' ? undefined : elf.functions(new Set([NOTICE])).get(NOTICE);
  if (!found) return undefined;
  const first = Buffer.from(elf.code(found.address, 4)).toString('hex');
  const address = found.address + (elf.machine === 'x64' && first === ENDBR64 ? 4 : 0);
  const fileOffset = elf.fileOffset(address);
  if (fileOffset === undefined) return undefined;
  const bytes = Buffer.from(elf.code(address, elf.machine === 'x64' ? 1 : 4)).toString('hex');
  const place = {
    name: NOTICE,
    action: 'mapped',
    convention: 'notice',
    fileOffset,
    address,
    returns: false,
    bytes,
  } as const;
  return { places: [{ ...place, emulated: undefined }], notes: [] };
}
