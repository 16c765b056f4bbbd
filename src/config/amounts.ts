/** Sizes, times and money as people write them. Pure. */

const SIZES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes of `512MB`, `2GiB`, `64k`, `1048576` (a k is 1024); undefined for anything else, and for 0. */
export function sizeOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * SIZES[unit.toLowerCase()]!;
  return number !== '' && bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

const TIMES: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Milliseconds of `500ms`, `2s`, `1.5h`, `30d`, `8w`; undefined for anything else, and for 0. */
export function durationOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|[smhdw])$/i.exec(text.trim()) ?? [];
  const milliseconds = Number(number) * (TIMES[unit.toLowerCase()] ?? 0);
  return number !== '' && milliseconds > 0 && milliseconds <= Number.MAX_SAFE_INTEGER ? milliseconds : undefined;
}

/** US dollars of `0.10`, `$0.10`, `0.10 USD`; undefined for anything else. */
export function dollarsOf(text: string): number | undefined {
  const [, number] = /^\$?(\d+(?:\.\d+)?|\.\d+)\s*(?:usd)?$/i.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number);
}
