type Method = (this: never, ...args: unknown[]) => unknown;
type Original = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts a method in front of a prototype's (own or inherited) one. Name, length and visibility stay as they were: code that
 * copies methods with `for … in` finds the same names, and what prints an instance sees no difference.
 */
export function patchMethod(prototype: object, name: string, make: (original: Original) => Method): void {
  const original = (prototype as Record<string, Original>)[name]!;
  const enumerable = isEnumerable(prototype, name);
  const method = make(original);
  Object.defineProperty(method, 'name', { value: original.name, configurable: true });
  Object.defineProperty(method, 'length', { value: original.length, configurable: true });
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true, enumerable });
}

function isEnumerable(object: object, name: string): boolean {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor !== undefined) return descriptor.enumerable === true;
  }
  return false;
}
