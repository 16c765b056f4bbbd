/**
 * Reading JSON of which nothing is sure. Providers add, drop and retype fields monthly, so no shape is assumed: a reader
 * gives the value when it has the wanted type and `undefined` otherwise, which for `null` and absent fields is also right.
 */

/** A JSON object whose members are unknown until read. */
export type Fields = Readonly<Record<string, unknown>>;

const NO_FIELDS: Fields = Object.freeze(Object.create(null));
const NO_ITEMS: readonly unknown[] = Object.freeze([]);

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or one without members: a chain of reads needs no checks between. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : NO_FIELDS;
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** A string with at least one character: an empty id or model (Azure's filter chunk) says nothing. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A count of something: a whole number that is not negative. Protobuf's JSON writes large ones as text. */
export function count(value: unknown): number | undefined {
  if (typeof value === 'string') return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A whole number of any sign: some servers take -1 for a limit that is none. */
export function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** An id, which a few servers send as a number. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value);
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** One string, or an array of strings; `undefined` when there is none. */
export function texts(value: unknown): string[] | undefined {
  const all = (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');
  return all.length > 0 ? all : undefined;
}

/** Adds counts of which any may be absent; absent only when all are. */
export function sum(...counts: (number | undefined)[]): number | undefined {
  const known = counts.filter(each => each !== undefined);
  return known.length > 0 ? known.reduce((total, each) => total + each, 0) : undefined;
}

/** Sets the members that have a value. Absent fields stay absent, and a later `undefined` never erases a fact. */
export function assign<T extends object>(target: T, values: { [Name in keyof T]?: T[Name] | undefined }): void {
  // Written for the hot path of streams: no array of names is made.
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) target[name] = value as T[Extract<keyof T, string>];
  }
}

/** JSON text as a value, or `undefined`. */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

/** The same of bytes in UTF-8. */
export function parseJsonBytes(bytes: Buffer, start: number, end: number): unknown {
  return parseJson(bytes.toString('utf8', start, end));
}

/** Tool arguments as JSON text: most APIs send text, some an object. */
export function jsonText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
