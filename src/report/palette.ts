/** Colours by meaning. The only place that knows chalk. */
import { Chalk, type ChalkInstance } from 'chalk';

export interface Palette {
  /** What is always there and rarely read: headers, units, times. */
  quiet(text: string): string;
  strong(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
  accent(text: string): string;
}

export function createPalette(colour: boolean): Palette {
  // The sixteen basic colours only: they follow the person's own theme, light or dark.
  const chalk: ChalkInstance = new Chalk({ level: colour ? 1 : 0 });
  // Chalk joins all that it is given: behind `map` that would be the index and the list, too.
  const one = (style: ChalkInstance) => (text: string) => style(text);
  return {
    quiet: one(chalk.dim),
    strong: one(chalk.bold),
    good: one(chalk.green),
    warning: one(chalk.yellow),
    bad: one(chalk.red),
    accent: one(chalk.cyan),
  };
}
