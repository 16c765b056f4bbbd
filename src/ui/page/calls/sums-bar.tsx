/** What the selection adds up to. */
import { Fact } from '../bits.js';
import { busy, sums } from '../list.js';
import { ABSENT, costsOf, count, seconds, whole } from '../words.js';

export function SumsBar() {
  const value = sums.value;
  const {
    calls,
    errors,
    inputTokens,
    outputTokens,
    withoutCost = 0,
    withoutTokens = 0,
    duration,
    firstChunk,
  } = value ?? {};
  const missing = (number: number, what: string) =>
    number > 0 ? `${whole(number)} calls have no known ${what}: they are not in this sum` : '';
  return (
    <dl class="sums" aria-label="Sums of the selection" aria-busy={busy.value}>
      <Fact name="Calls">{whole(calls)}</Fact>
      <Fact name="Errors">
        <span class={errors ? 'bad' : ''}>{whole(errors)}</span>
      </Fact>
      <Fact name="Tokens in" title={`${whole(inputTokens)} ${missing(withoutTokens, 'tokens')}`}>
        {count(inputTokens)}
      </Fact>
      <Fact name="Tokens out" title={`${whole(outputTokens)} ${missing(withoutTokens, 'tokens')}`}>
        {count(outputTokens)}
      </Fact>
      <Fact name="Cost" title={missing(withoutCost, 'cost')}>
        {value === undefined ? '-' : costsOf(value)}
        {withoutCost > 0 && <span class="absent"> +?</span>}
      </Fact>
      <Fact name="Duration" title="half of the calls took at most · 95 of 100 took at most">
        <Range of={duration} />
      </Fact>
      <Fact name="First token" title="half of the streamed calls · 95 of 100">
        <Range of={firstChunk} />
      </Fact>
    </dl>
  );
}

function Range({ of }: { of: { readonly p50: number; readonly p95: number } | undefined }) {
  if (of === undefined) return ABSENT;
  return (
    <>
      {seconds(of.p50)} <span class="absent">·</span> {seconds(of.p95)}
    </>
  );
}
