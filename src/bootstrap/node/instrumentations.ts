/** Libraries inside the program that report every model call themselves; with one of them we stand down. */

/** Packages by a part of their path. OpenLIT's SDK is CommonJS, so an ESM program has it in this cache, too. */
const PACKAGES: readonly [part: string, name: string][] = [['/node_modules/openlit/', 'openlit']];

/** Milliseconds-free: the cache is looked at again only when it has grown by this many files. */
const GROWTH = 50;

let seen = -GROWTH;
let found: string | undefined;

/** Name of the library, or undefined. About 0.1 ms for a thousand loaded files, rarely done. */
export function instrumentationOfCalls(): string | undefined {
  if (found !== undefined) return found;
  const files = Object.keys(require.cache);
  if (files.length < seen + GROWTH) return undefined;
  seen = files.length;
  for (const file of files) {
    const normal = file.includes('\\') ? file.replaceAll('\\', '/') : file;
    for (const [part, name] of PACKAGES) if (normal.includes(part)) found = name;
  }
  return found;
}
