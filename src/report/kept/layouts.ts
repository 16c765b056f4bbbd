/** Tables that leave out columns where the terminal is narrow: numbers are never cut. */
import { width } from '../text.js';

/** Names of columns for terminals from a width on, the widest first. */
export type Layouts<Name extends string> = readonly (readonly [from: number, names: readonly Name[]])[];

/**
 * The first layout that fits. The widths say what reads well; what stands in the cells may still need more.
 * @param limit undefined: the widest, uncut
 */
export function renderFitting<Name extends string>(
  layouts: Layouts<Name>,
  limit: number | undefined,
  render: (names: readonly Name[]) => string[],
): string[] {
  let lines: string[] = [];
  for (const [from, names] of layouts) {
    if (limit !== undefined && limit < from) continue;
    lines = render(names);
    if (limit === undefined || lines.every(line => width(line) <= limit)) return lines;
  }
  return lines;
}
