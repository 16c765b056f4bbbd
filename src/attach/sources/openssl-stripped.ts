/**
 * OpenSSL 3 inside an executable without symbols: Python as uv and mise install it, Rust's `openssl` vendored, static C.
 *
 * Its functions for errors leave their names as text (`__func__` in `ERR_raise`), and the function that refers to such a
 * text is the one of that name. Two signals must agree: the reference, decoded from the beginning of a function of the
 * unwind table, and that exactly one function of a likely size has it.
 */

import type { ElfFile } from '../../machine/elf.js';
import { findInData, findReferences } from '../../machine/elf-search.js';
import { type FunctionRange, readFunctionRanges } from '../../machine/unwind-table.js';
import { contains, decodeFrom, targetsOf } from './code.js';
import { type ProbePlace, placeAt } from './placement.js';
import type { Source } from './source.js';
import type { ProbeAction } from './tls-libraries.js';

/** Text that the function leaves, what it does, the plain form that may have it inside, whether it is needed. */
const FUNCTIONS: readonly { name: string; action: ProbeAction; plain?: string; needed: boolean }[] = [
  { name: 'ssl_write_internal', action: 'write', plain: 'SSL_write', needed: true },
  { name: 'ssl_read_internal', action: 'read', plain: 'SSL_read', needed: true },
  { name: 'SSL_shutdown', action: 'shutdown', needed: false },
  // Entered for an object that has carried data already: it begins a new connection.
  { name: 'SSL_do_handshake', action: 'free', needed: false },
];
/** A function that the compiler has put half of the library into is not the one that is meant. */
const LARGEST = 4096;
/** As OPENSSL_VERSION_TEXT has it: other texts name versions, too. */
const VERSION = /^OpenSSL 3\.(\d+)\.\d+\S* \d+ [A-Z][a-z]{2} \d{4}/;

export const strippedOpenssl: Source = {
  name: 'OpenSSL 3 without symbols',
  find(elf) {
    if (elf.machine !== 'x64') return undefined;
    // One look into the data of a file that has nothing of it.
    if (findInData(elf, '\0ssl_write_internal\0').length === 0) return undefined;
    const minor = versionOf(elf);
    if (minor === undefined) return { reason: 'it has OpenSSL without symbols and without a version 3 that it says' };
    const ranges = readFunctionRanges(elf);
    const names = FUNCTIONS.flatMap(({ name, plain }) => [name, ...(plain === undefined ? [] : [plain])]);
    const texts = new Map(names.map(name => [name, new Set(findInData(elf, `\0${name}\0`).map(at => at + 1))]));
    const references = findReferences(
      elf,
      [...texts.values()].flatMap(each => [...each]),
    );
    const referring = (name: string) =>
      ownersOf(
        elf,
        references.filter(({ to }) => texts.get(name)!.has(to)).map(({ at }) => at),
        ranges.of,
      );
    const places: ProbePlace[] = [];
    const notes = ['the names that its error messages carry'];
    for (const { name, action, plain, needed } of FUNCTIONS) {
      const found = placesOf(
        elf,
        { name, action, minor },
        referring(name),
        plain === undefined ? [] : referring(plain),
      );
      if (typeof found !== 'string') places.push(...found);
      else if (needed) return { reason: `it has OpenSSL without symbols, and ${name} is not proven: ${found}` };
      else notes.push(`${name} is left out: ${found}`);
    }
    return { library: `OpenSSL 3.${minor} (static)`, placement: { places, notes } };
  },
};

interface Wanted {
  readonly name: string;
  readonly action: ProbeAction;
  readonly minor: number;
}

/**
 * One function, or each form of it that the compiler has put the inner one into: the plain form, which names itself as well
 * and returns the length, and the others, which have a pointer to it as their fourth argument. The reason where they cannot
 * be told apart.
 */
function placesOf(
  elf: ElfFile,
  { name, action, minor }: Wanted,
  owners: readonly FunctionRange[],
  plain: readonly FunctionRange[],
): ProbePlace[] | string {
  const [first] = owners;
  if (first === undefined) return 'no function carries the name';
  const isPlain = ({ address }: FunctionRange) => plain.some(each => each.address === address);
  const transfers = action === 'read' || action === 'write';
  // From 3.2 on the others of the writing ones differ in their arguments.
  if (owners.length > 1 && (!transfers || (action === 'write' && minor >= 2)))
    return `${owners.length} functions carry the name`;
  const addresses = new Set(owners.map(({ address }) => address));
  const calling = owners.filter(({ address, size }) =>
    [...targetsOf(decodeFrom(elf, address, address + size))].some(to => to !== address && addresses.has(to)),
  );
  const places = owners
    // A call that two of them see would be recorded twice.
    .filter(owner => !calling.includes(owner))
    .map(owner => {
      const own = isPlain(owner) ? undefined : lengthArgument(action, owners.length > 1 ? 0 : minor);
      return placeAt(elf, isPlain(owner) ? `${name} inside its plain form` : name, owner.address, action, own);
    });
  return places.find(place => typeof place === 'string') ?? places.filter(place => typeof place !== 'string');
}

/** (ssl, buffer, count, length *); from 3.2 the writing one takes flags before the pointer. Source: ssl/ssl_local.h. */
function lengthArgument(action: ProbeAction, minor: number): number | undefined {
  if (action === 'read') return 4;
  return action === 'write' ? (minor >= 2 ? 5 : 4) : undefined;
}

/** The second number of its version; undefined where it names none, or several. */
function versionOf(elf: ElfFile): number | undefined {
  const found = findInData(elf, 'OpenSSL 3.').flatMap(at => {
    const [, minor] = VERSION.exec(elf.bytes(at, 40).toString('latin1')) ?? [];
    return minor === undefined ? [] : [Number(minor)];
  });
  return new Set(found).size === 1 ? found[0] : undefined;
}

/** Functions with an instruction whose operand stands at one of the references. */
function ownersOf(
  elf: ElfFile,
  references: readonly number[],
  rangeOf: (address: number) => FunctionRange | undefined,
): FunctionRange[] {
  const owners = new Map<number, FunctionRange>();
  for (const reference of references) {
    const range = rangeOf(reference);
    if (range === undefined || range.size > LARGEST || owners.has(range.address)) continue;
    const taking = decodeFrom(elf, range.address, reference + 4).find(each => contains(each, reference));
    if (taking?.kind === 'address' || taking?.kind === 'constant') owners.set(range.address, range);
  }
  return [...owners.values()];
}
