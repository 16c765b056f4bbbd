/** What an admission answers with: JSON Patch (RFC 6902) that makes one JSON value of another. */

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

type Json = unknown;
const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (one: Json, other: Json): boolean => JSON.stringify(one) === JSON.stringify(other);
const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Operations that turn `before` into `after`; none when they are the same. Lists that only grow at their end get `add`. */
export function jsonPatch(before: Json, after: Json, at = ''): PatchOperation[] {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after)) return ofObjects(before, after, at);
  if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length) {
    const kept = before.flatMap((item, index) => jsonPatch(item, after[index], `${at}/${index}`));
    const grown = after.slice(before.length).map(value => ({ op: 'add' as const, path: `${at}/-`, value }));
    const whole = { op: 'replace' as const, path: at, value: after };
    // An insertion in the middle: item by item it would rewrite everything behind it.
    const moved = grown.length > 0 && kept.some(({ path }) => /\/name$/.test(path));
    return moved ? [whole] : [...kept, ...grown];
  }
  return [{ op: 'replace', path: at, value: after }];
}

function ofObjects(before: Record<string, Json>, after: Record<string, Json>, at: string): PatchOperation[] {
  const operations: PatchOperation[] = [];
  for (const key of Object.keys(before)) {
    if (after[key] === undefined && before[key] !== undefined) {
      operations.push({ op: 'remove', path: `${at}/${pointerPart(key)}` });
    }
  }
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const path = `${at}/${pointerPart(key)}`;
    if (before[key] === undefined) operations.push({ op: 'add', path, value });
    else operations.push(...jsonPatch(before[key], value, path));
  }
  return operations;
}
