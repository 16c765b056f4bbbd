/** What changed in the prompt since the call before, and how the context grew. */
import { useState } from 'preact/hooks';
import type { MessageDiff, PromptDiff } from '../../api.js';
import { Waiting } from '../bits.js';
import { Chart } from '../chart.js';
import { useAnswer } from '../load.js';
import { go } from '../route.js';
import { count, plural, when, whole } from '../words.js';

export function Changes({ id }: { id: string }) {
  const { value, error } = useAnswer<PromptDiff>('diff', { id });
  if (error !== undefined) return <p class="banner">{error}</p>;
  if (value === undefined) return <Waiting what="both prompts" />;
  const { previous, current, growth, why, messages } = value;
  const grown =
    previous?.inputTokens === undefined || current.inputTokens === undefined
      ? undefined
      : current.inputTokens - previous.inputTokens;
  return (
    <>
      {previous !== undefined && (
        <p>
          Compared with{' '}
          <button type="button" class="link" onClick={() => go({ call: previous.id })}>
            the call of {when(previous.start)}
          </button>
          {grown !== undefined && (
            <>
              : the prompt has{' '}
              <strong>{grown >= 0 ? `${whole(grown)} tokens more` : `${whole(-grown)} tokens less`}</strong> (
              {whole(previous.inputTokens)} → {whole(current.inputTokens)})
            </>
          )}
          .
        </p>
      )}
      {growth.length > 1 && (
        <Chart
          title="Context: tokens in, call by call"
          labels={growth.map(({ start }) => when(start))}
          values={growth.map(({ inputTokens }) => inputTokens)}
          format={count}
          onPick={index => go({ call: growth[index]!.id })}
        />
      )}
      {why !== undefined ? <p class="hint">{why}</p> : <Diff messages={messages} />}
    </>
  );
}

function Diff({ messages }: { messages: readonly MessageDiff[] }) {
  const [all, setAll] = useState(false);
  const same = messages.filter(({ change }) => change === 'same').length;
  const shown = all ? messages : messages.filter(({ change }) => change !== 'same');
  return (
    <>
      <div class="chat-head">
        <span class="hint">
          {same === messages.length ? 'The prompt is the same.' : `${plural(same, 'message')} unchanged`}
        </span>
        {same > 0 && (
          <button type="button" class="toggle" aria-pressed={all} onClick={() => setAll(!all)}>
            Show unchanged
          </button>
        )}
      </div>
      <ol class="diff">
        {shown.map(({ change, role, pieces }, index) => (
          <li key={index} class={change}>
            <div class="role">
              {role} <span class="tag">{change}</span>
            </div>
            <div class="plain">
              {pieces.map(([kind, text], at) =>
                kind === 'added' ? <ins key={at}>{text}</ins> : kind === 'removed' ? <del key={at}>{text}</del> : text,
              )}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}
