/**
 * Which parts of a JSON document a decoder wants. The wire types of the providers are written in this form: it names the
 * few fields that are read, and everything else is skipped without being stored.
 */

/** The whole value. */
export const KEEP = 'keep';
/** Only how long an array or a string is: vectors and images are large and their content is never wanted. */
export const SIZE = 'size';

/** By member name; `*` stands for every element of an array. A scalar in the place of an object is kept. */
export type Selection = typeof KEEP | typeof SIZE | SelectedMembers;
export interface SelectedMembers {
  readonly [member: string]: Selection;
}

/** What stands in for a value selected with `SIZE`, if it was skipped; else it is the array or string itself. */
export interface Sized {
  readonly length: number;
  readonly sized: 'array' | 'string';
}

/** `{ a: KEEP, b: KEEP }` for the common case of many whole fields. */
export function keep(...names: string[]): SelectedMembers {
  return Object.fromEntries(names.map(name => [name, KEEP]));
}

/** The same selection for every element of an array. */
export function each(selection: Selection): SelectedMembers {
  return { '*': selection };
}

/** Everything that any of the selections wants; where they differ, the one that keeps more. */
export function merge(...selections: SelectedMembers[]): SelectedMembers {
  const merged: Record<string, Selection> = {};
  for (const selection of selections) {
    for (const [name, wanted] of Object.entries(selection)) merged[name] = wider(merged[name], wanted);
  }
  return merged;
}

function wider(one: Selection | undefined, other: Selection): Selection {
  if (one === undefined || one === SIZE) return other;
  if (other === SIZE || one === KEEP) return one;
  return other === KEEP ? KEEP : merge(one, other);
}
