/**
 * Paired measuring for every benchmark here. The variants are run in turns (A B C A B C …), so that a slow moment of the
 * machine hits all of them; the result is the median of each, and the median of the ratios taken round by round.
 *
 *   import { measurePaired, timeCommand, printTable } from './paired.mjs';
 *   const result = await measurePaired({
 *     rounds: 15,
 *     warmup: 2,
 *     variants: { bare: () => timeCommand(['node', 'x.js']), ours: () => timeCommand(['openlit-instrument', 'node', 'x.js']) },
 *     base: 'bare',
 *   });
 *   printTable('title', result, { unit: 'ms', better: 'lower' });
 */
import { spawn } from 'node:child_process';

/**
 * @param {object} options
 * @param {Record<string, () => number | Promise<number>>} options.variants name -> one run, which returns its figure
 * @param {string} [options.base] the variant that the others are compared with; default: the first
 * @param {number} [options.rounds] runs of each variant that count
 * @param {number} [options.warmup] runs of each variant that do not
 * @returns {Promise<{base: string, rounds: number, rows: Array<{name: string, median: number, min: number, max: number,
 *   ratio: number, ratioLow: number, ratioHigh: number, values: number[]}>}>} ratios are variant / base; low and high are
 *   the quartiles
 */
export async function measurePaired({ variants, base = Object.keys(variants)[0], rounds = 15, warmup = 2 }) {
  const names = Object.keys(variants);
  const values = Object.fromEntries(names.map(name => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    // Every second round backwards, so that no variant always follows the same one.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const value = await variants[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  const rows = names.map(name => {
    const ratios = values[name].map((value, round) => value / values[base][round]);
    return {
      name,
      median: median(values[name]),
      min: Math.min(...values[name]),
      max: Math.max(...values[name]),
      ratio: median(ratios),
      ratioLow: quantile(ratios, 0.25),
      ratioHigh: quantile(ratios, 0.75),
      values: values[name],
    };
  });
  return { base, rounds, rows };
}

/**
 * One run of a program: wall time in milliseconds. stdout and stderr are thrown away. Rejects when it ends with another
 * status than `expected`.
 * @param {string[]} command
 * @param {{env?: NodeJS.ProcessEnv, cwd?: string, expected?: number}} [options]
 */
export function timeCommand([file, ...args], { env = process.env, cwd, expected = 0 } = {}) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(file, args, { env, cwd, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      if (status === expected) resolve(milliseconds);
      else reject(new Error(`${[file, ...args].join(' ')} ended with ${signal ?? status}`));
    });
  });
}

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/** @param {number[]} values @param {number} share 0 to 1 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/**
 * @param {string} title
 * @param {Awaited<ReturnType<typeof measurePaired>>} result
 * @param {{unit?: string, digits?: number, aims?: Record<string, string>}} [options] `aims`: what a variant should reach
 */
export function printTable(title, { base, rounds, rows }, { unit = 'ms', digits = 1, aims = {} } = {}) {
  const width = Math.max(...rows.map(({ name }) => name.length), 8);
  process.stdout.write(`\n${title} (medians of ${rounds} paired rounds; ratio to ${base}, quartiles in brackets)\n`);
  for (const { name, median: middle, min, ratio, ratioLow, ratioHigh } of rows) {
    const figure = `${middle.toFixed(digits)} ${unit}`.padStart(12);
    const least = `min ${min.toFixed(digits)}`.padStart(12);
    const compared = name === base ? '' : `  ${ratio.toFixed(2)}x [${ratioLow.toFixed(2)}–${ratioHigh.toFixed(2)}]`;
    const aim = aims[name] ? `  aim ${aims[name]}` : '';
    process.stdout.write(`  ${name.padEnd(width)} ${figure} ${least}${compared}${aim}\n`);
  }
}
