/** The figures of a call, and its time as a bar: waiting, then answering. */
import type { CallRow } from '../../api.js';
import { Fact } from '../bits.js';
import { costOf, seconds, whole } from '../words.js';

export function Figures({ row }: { row: CallRow }) {
  if (row.kind === 'span')
    return (
      <dl class="figures">
        <Fact name="Duration">{seconds(row.duration)}</Fact>
      </dl>
    );
  return (
    <>
      <dl class="figures">
        <Fact name="Duration">{seconds(row.duration)}</Fact>
        <Fact name="First token">{seconds(row.firstChunk)}</Fact>
        <Fact name="Tokens in">
          {whole(row.inputTokens)}
          {row.cacheReadTokens ? <small> {whole(row.cacheReadTokens)} cached</small> : null}
        </Fact>
        <Fact name="Tokens out">
          {whole(row.outputTokens)}
          {row.reasoningTokens ? <small> {whole(row.reasoningTokens)} reasoning</small> : null}
        </Fact>
        <Fact name="Cost">{costOf(row)}</Fact>
        <Fact name="Finish">{row.finish ?? (row.error === undefined ? '-' : 'error')}</Fact>
      </dl>
      <Timing row={row} />
    </>
  );
}

/** Of a streamed call. */
function Timing({ row: { duration, firstChunk, outputTokens } }: { row: CallRow }) {
  if (duration === undefined || firstChunk === undefined || duration <= 0) return null;
  const answering = Math.max(0, duration - firstChunk);
  const share = Math.min(100, (firstChunk / duration) * 100);
  const pace =
    outputTokens !== undefined && outputTokens > 1 && answering > 0.01 ? (outputTokens - 1) / answering : undefined;
  return (
    <figure class="timing">
      <div class="bar" aria-hidden="true">
        <span class="wait" style={{ width: `${share}%` }} />
        <span class="answer" style={{ width: `${100 - share}%` }} />
      </div>
      <figcaption>
        <span class="key wait">waited {seconds(firstChunk)} for the first token</span>
        <span class="key answer">
          then answered for {seconds(answering)}
          {pace !== undefined && ` at ${pace < 10 ? pace.toFixed(1) : Math.round(pace)} tokens a second`}
        </span>
      </figcaption>
    </figure>
  );
}
