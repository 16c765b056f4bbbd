/** Numbers for people. Absent is `-`, never 0. */

export const ABSENT = '-';

/** Seconds, at most 5 columns: `0.31s`, `14.2s`, `161s`, `12m`. */
export function seconds(value: number | undefined): string {
  if (value === undefined) return ABSENT;
  if (value < 9.995) return `${value.toFixed(2)}s`;
  if (value < 99.95) return `${value.toFixed(1)}s`;
  const whole = Math.round(value);
  return whole < 600 ? `${whole}s` : `${Math.round(whole / 60)}m`;
}

/**
 * At most 5 columns: `9500`, `12.3k`, `123k`, `1.2M`; with `short` at most 4: `950`, `1.2k`, `12k`. For people; the JSON
 * summary has every digit.
 */
export function count(value: number | undefined, short = false): string {
  if (value === undefined) return ABSENT;
  if (value < (short ? 1000 : 10_000)) return String(value);
  for (const [unit, size] of UNITS) {
    const scaled = value / size;
    if (scaled < (short ? 9.95 : 99.95)) return `${scaled.toFixed(1)}${unit}`;
    if (scaled < 999.5) return `${Math.round(scaled)}${unit}`;
  }
  return '>999T';
}

const UNITS = [
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
] as const;

const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', CNY: 'CN¥' };

/**
 * Two significant figures below a cent, else cents: `$0.000012`, `$0.034`, `$1.25`; never more than `places` places after
 * the point, and never 0 for something: `<$0.00001`, the smallest amount that is written out.
 */
export function money(amount: number | undefined, currency = 'USD', places = 8): string {
  if (amount === undefined) return ABSENT;
  const symbol = SYMBOLS[currency] ?? `${currency} `;
  if (amount === 0) return `${symbol}0`;
  if (amount >= 0.995) return `${symbol}${amount.toFixed(2)}`;
  // The place of the second significant digit.
  const text = amount.toFixed(Math.min(places, Math.max(2, 1 - Math.floor(Math.log10(amount)))));
  return Number(text) === 0 ? `<${symbol}${(10 ** -places).toFixed(places)}` : `${symbol}${text}`;
}

/** Local time of day. */
export function clock(unixNanos: bigint): string {
  const date = new Date(Number(unixNanos / 1_000_000n));
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => String(part).padStart(2, '0')).join(':');
}
