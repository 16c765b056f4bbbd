/** The account of an observation: what was observed, what was seen, what was lost, what it took of the machine. */
import type { Observation } from '../../attach/observation.js';
import { openOutput } from '../../report/output.js';
import { createPalette } from '../../report/palette.js';
import type { Ledger } from './calls.js';

/** @param ledger absent where exchanges are not decoded into calls */
export async function accountOf(
  { tally, missed, counters }: Observation,
  ledger: Ledger | undefined,
  started: number,
): Promise<string[]> {
  const { accountLines } = await import('../../report/account.js');
  const { files, records, bytes, exchanges } = tally;
  const account = {
    files,
    records,
    bytes,
    exchanges,
    lost: counters,
    missed,
    ...(ledger && { calls: { all: ledger.all, partial: ledger.partial } }),
    ...(ledger?.sent && { sent: ledger.sent() }),
    ...ownCost(started),
  };
  const output = openOutput(2);
  return accountLines(account, createPalette(output.colour), output.columns());
}

/** Whether anything was lost: that is never left out. */
export const isLossy = ({ counters }: Observation) =>
  Object.values(counters).some(count => typeof count === 'number' && count > 0);

/** Seconds since the start, seconds of CPU, bytes of resident memory. */
function ownCost(started: number): { elapsed: number; cpu: number; memory: number } {
  const { user, system } = process.cpuUsage();
  return {
    elapsed: (performance.now() - started) / 1000,
    cpu: (user + system) / 1e6,
    memory: process.memoryUsage.rss(),
  };
}
