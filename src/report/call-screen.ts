/** What `attach` shows: a line for each call, running totals below them on a terminal, and the summary at the end. */
import { type ContentPolicy, contentOf } from '../calls/content.js';
import type { Call } from '../wire/llm-call.js';
import { messageTexts } from './messages.js';
import { openOutput } from './output.js';
import { reportedFromCall } from './reported-call.js';
import { createReporter, type Reporter } from './reporter.js';

export interface CallScreen {
  readonly reporter: Reporter;
  /** A consumer of decoded calls. The policy says which messages may be shown, and masks what is secret in them. */
  consumer(policy: ContentPolicy): {
    call(call: Call, cost: { amount: number; currency: string } | undefined): void;
    finish(): Promise<void>;
  };
}

export function createCallScreen({ quiet, verbose }: { quiet: boolean; verbose: boolean }): CallScreen {
  const reporter = createReporter({ output: openOutput(2), live: true, quiet, verbose, runningTotals: true });
  return {
    reporter,
    consumer: policy => ({
      call(call, cost) {
        const reported = reportedFromCall(call, cost, BigInt(Date.now()) * 1_000_000n);
        const content = verbose ? messageTexts(contentOf(call, policy).values) : undefined;
        reporter.call(content === undefined ? reported : { ...reported, content });
      },
      finish: () => reporter.finish(),
    }),
  };
}
