/** What a terminal of so many columns shows of some bytes: text, line breaks, carriage returns and the wrap at the margin. */
import { stripVTControlCharacters } from 'node:util';

/** Rows without the spaces at their end. */
export function screenOf(output: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  for (const character of stripVTControlCharacters(output)) {
    if (character === '\r') column = 0;
    else if (character === '\n') {
      row++;
      rows[row] ??= [];
    } else {
      // The wrap waits for the next character, as on every terminal since the VT100.
      if (column === columns) {
        row++;
        column = 0;
        rows[row] ??= [];
      }
      const cells = rows[row]!;
      while (cells.length < column) cells.push(' ');
      cells[column++] = character;
    }
  }
  return rows.map(cells => cells.join('').trimEnd());
}
