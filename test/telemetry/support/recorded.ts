/** Calls as the last stage hands them to consumers: cleaned, priced, with a place in a trace. */
import { cleanCall } from '../../../src/calls/clean.js';
import type { Cost } from '../../../src/calls/cost.js';
import { identify } from '../../../src/calls/identity.js';
import type { RecordedCall, Target } from '../../../src/calls/recorded-call.js';
import type { SpanParent } from '../../../src/calls/trace-context.js';
import type { Call } from '../../../src/wire/llm-call.js';

export function recordedCall(target: Target, call: Call, parent?: SpanParent, cost?: Cost): RecordedCall {
  const { content, sampler } = target.settings;
  return {
    target,
    call: cleanCall(call, content),
    identity: identify(call, parent, sampler),
    ...(cost === undefined ? {} : { cost }),
  };
}
