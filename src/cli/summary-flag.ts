/** `--summary-json` of `attach`. */
import { EXIT_STATUS, Problem } from '../errors.js';

/** @throws Problem (status 2) where no calls are made of what is seen */
export function summaryOf(flags: {
  readonly 'summary-json'?: string | undefined;
  readonly format?: string | undefined;
}): string | undefined {
  const file = flags['summary-json'];
  if (file === undefined || flags.format !== 'exchanges') return file;
  throw new Problem({
    code: 'SUMMARY_OF_EXCHANGES',
    message: '--summary-json has nothing to sum up',
    reason: '--format exchanges prints exchanges and makes no calls of them',
    fixes: ['openlit-instrument attach --format json --summary-json FILE'],
    exit: EXIT_STATUS.usage,
  });
}
