/** `16MiB`, `64k`, `1048576`: sizes as people write them. */
import { EXIT_STATUS, Problem } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes, at least `least`. @throws Problem (status 2) that names the flag */
export function parseSize(text: string, flag: string, least = 1): number {
  const [, number = '', unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * UNITS[unit.toLowerCase()]!;
  if (number !== '' && Number.isSafeInteger(bytes) && bytes >= least && bytes <= 2 ** 30) return bytes;
  throw new Problem({
    code: 'SIZE',
    message: `--${flag} does not accept ${JSON.stringify(text)}`,
    reason: `allowed: ${least > 1 ? `${least / 1024} KiB` : '1 byte'} to 1 GiB, such as 16MiB`,
    exit: EXIT_STATUS.usage,
  });
}
