/** TLS libraries whose functions have their names in the file's symbol tables: one row each in tls-libraries.ts. */
import { placeProbes } from './placement.js';
import type { Source } from './source.js';
import { TLS_FUNCTION_NAMES, TLS_LIBRARIES } from './tls-libraries.js';

/** One source a row, so that a file may have several. */
export const NAMED_SOURCES: readonly Source[] = TLS_LIBRARIES.map(library => ({
  name: library.name,
  find(elf) {
    const symbols = elf.functions(TLS_FUNCTION_NAMES);
    const defines = (action: string) => library.functions.some(f => f.action === action && symbols.has(f.symbol));
    if (!defines('read') || !defines('write')) return undefined;
    return { library: library.name, placement: placeProbes(elf, library, symbols) };
  },
}));
