/** TLS libraries whose functions have their names in the file's symbol tables: one row each in tls-libraries.ts. */
import type { ElfFile, FunctionSymbol } from '../../machine/elf.js';
import { placeProbes } from './placement.js';

import type { Source } from './source.js';
import { TLS_FUNCTION_NAMES, TLS_LIBRARIES } from './tls-libraries.js';

/** The symbols of a file are walked once, whatever the number of rows: some have 60 MB of them. */
const walked = new WeakMap<ElfFile, Map<string, FunctionSymbol>>();
function symbolsOf(elf: ElfFile): Map<string, FunctionSymbol> {
  const symbols = walked.get(elf) ?? elf.functions(TLS_FUNCTION_NAMES);
  walked.set(elf, symbols);
  return symbols;
}

/** One source a row, so that a file may have several. */
export const NAMED_SOURCES: readonly Source[] = TLS_LIBRARIES.map(library => ({
  name: library.name,
  find(elf) {
    const symbols = symbolsOf(elf);
    const defines = (action: string) => library.functions.some(f => f.action === action && symbols.has(f.symbol));
    if (!defines('read') || !defines('write')) return undefined;
    return { library: library.name, placement: placeProbes(elf, library, symbols) };
  },
}));
