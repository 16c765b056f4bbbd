/** `16MiB`, `64k`, `1048576`: sizes as people write them. */
import { EXIT_STATUS, Problem } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes. Throws a `Problem` (status 2) that names the flag. */
export function parseSize(text: string, flag: string): number {
  const [, number = '', unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * UNITS[unit.toLowerCase()]!;
  if (number !== '' && Number.isSafeInteger(bytes) && bytes > 0 && bytes <= 2 ** 30) return bytes;
  throw new Problem({
    code: 'SIZE',
    message: `--${flag} ${text} is no size that can be used`,
    reason: 'allowed: a whole number of bytes up to 1 GiB, or with KiB, MiB, GiB',
    fixes: [`--${flag} 16MiB`],
    exit: EXIT_STATUS.usage,
  });
}
