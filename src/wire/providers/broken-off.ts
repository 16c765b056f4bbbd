/** What an answer that ends without its end is, for every format: a call that the program cancelled, or a failed one. */
import type { CallDraft } from './call-draft.js';
import { CANCELLED, STREAM_INTERRUPTED } from './errors.js';

/** @param left the client went away by itself: nothing failed (decision 0086) */
export function breakOff(draft: CallDraft, left: boolean): void {
  if (!left) draft.fail(STREAM_INTERRUPTED);
  const choices = draft.choices.length > 0 ? draft.choices : [draft.choice()];
  // An error that came on the stream before says more than that nobody listened to its end.
  const reason = draft.error === undefined ? CANCELLED : 'error';
  for (const choice of choices) choice.finishReason ??= reason;
}
