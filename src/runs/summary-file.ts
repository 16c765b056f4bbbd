/** `--summary-json FILE`: what a run or an `attach` was, for programs, written at its end. */
import { writeFileSync } from 'node:fs';
import type { Consumer } from '../calls/recorded-call.js';
import { reportedFromCall } from '../report/reported-call.js';
import { type RunSummary, type SummaryFacts, summarize } from '../report/summary.js';
import { Totals } from '../report/totals.js';

/**
 * The program has run by then: a file that cannot be written changes no exit status.
 * @returns why it was not written, for a line that is printed under `--quiet` too
 */
export function writeSummary(file: string, totals: Totals, facts: Omit<SummaryFacts, 'ended'>): string | undefined {
  const summary: RunSummary = summarize(totals, { ...facts, ended: new Date() });
  try {
    writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
    return undefined;
  } catch (error) {
    return `the summary was not written: ${(error as NodeJS.ErrnoException).code} at ${file}`;
  }
}

/** The summary where no screen counts the calls. */
export function openSummary(
  file: string,
): Consumer & { write(facts: Omit<SummaryFacts, 'ended'>): string | undefined } {
  const totals = new Totals();
  return {
    call({ call, cost, sameAs }) {
      if (sameAs !== undefined) totals.seenAgain++;
      else totals.add(reportedFromCall(call, cost, BigInt(Date.now()) * 1_000_000n));
    },
    finish: async () => {},
    write: facts => writeSummary(file, totals, facts),
  };
}
