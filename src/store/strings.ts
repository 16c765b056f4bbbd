/** Texts that repeat, each kept once: a column holds their numbers. */
export interface Strings {
  /** 0 for an absent text. */
  number(text: string | undefined): number;
  /** Undefined for 0. */
  text(number: number): string | undefined;
  /** The number of a text that is there; undefined where no row has it. */
  find(text: string): number | undefined;
  /** All texts, in the order of their numbers; the first is the absent one. */
  readonly all: readonly (string | undefined)[];
}

export function createStrings(): Strings {
  const all: (string | undefined)[] = [undefined];
  const numbers = new Map<string, number>();
  return {
    all,
    number(text) {
      if (text === undefined) return 0;
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, all.length);
      return all.push(text) - 1;
    },
    text: number => all[number],
    find: text => numbers.get(text),
  };
}
