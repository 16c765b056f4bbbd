/** Recorded calls on the screen: a line for each, and the summary at the end. */
import { contentValues } from '../calls/content.js';
import type { Consumer } from '../calls/recorded-call.js';
import { messageTexts } from './messages.js';
import { reportedFromCall } from './reported-call.js';
import type { Reporter } from './reporter.js';

/** @param verbose messages below each line, where the call has them */
export function callScreen(reporter: Reporter, verbose: boolean): Consumer {
  return {
    call({ call, cost, sameAs }) {
      if (sameAs !== undefined) return reporter.seenAgain(call.role);
      const reported = reportedFromCall(call, cost, BigInt(Date.now()) * 1_000_000n);
      const texts = verbose ? messageTexts(contentValues(call)) : undefined;
      // The message of an error is content too: without content it was left out before (calls/clean.ts).
      const message = verbose ? call.error?.message : undefined;
      const content = message === undefined ? texts : { ...texts, error: message };
      reporter.call(content === undefined ? reported : { ...reported, content });
    },
    finish: () => reporter.finish(),
  };
}
