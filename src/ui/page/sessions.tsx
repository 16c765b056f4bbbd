/** Conversations with what they cost. */
import { useState } from 'preact/hooks';
import type { Session, SessionDetail } from '../api.js';
import { Command, Fact, Waiting } from './bits.js';
import { Chart } from './chart.js';
import { latest } from './list.js';
import { useAnswer } from './load.js';
import { filterBy, go, route } from './route.js';
import { costsOf, count, money, plural, when, whole } from './words.js';

const FIRST = 200;

export function SessionsView() {
  const { key } = route.value;
  return <main class="page sessions">{key === undefined ? <Sessions /> : <OneSession id={key} />}</main>;
}

function Sessions() {
  const { value, error } = useAnswer<Session[]>('sessions', {}, latest.value.upto);
  const [wanted, setWanted] = useState('');
  const [all, setAll] = useState(false);
  if (error !== undefined) return <p class="banner">{error}</p>;
  if (value === undefined) return <Waiting what="sessions" />;
  if (value.length === 0)
    return (
      <div class="empty">
        <h1>No sessions yet</h1>
        <p>
          Calls that name a conversation are put together here: coding agents such as Claude Code and Codex, the
          Responses API, and SDKs that set a conversation id.
        </p>
        <Command text="openlit-instrument claude" />
      </div>
    );
  const found = value.filter(({ key }) => key.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <>
      <div class="page-head">
        <h1>{plural(found.length, 'session')}</h1>
        <input
          type="search"
          placeholder="Find a session"
          aria-label="Find a session"
          onInput={event => setWanted(event.currentTarget.value)}
        />
      </div>
      <div class="wide">
        <table class="plain-table">
          <thead>
            <tr>
              <th scope="col">Session</th>
              <th scope="col">Last call</th>
              <th scope="col" class="number">
                Calls
              </th>
              <th scope="col" class="number">
                Errors
              </th>
              <th scope="col" class="number">
                Tokens in
              </th>
              <th scope="col" class="number">
                Tokens out
              </th>
              <th scope="col" class="number">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, all ? undefined : FIRST).map(({ key, sums }) => (
              <tr key={key}>
                <td>
                  <button type="button" class="link" onClick={() => go({ key })}>
                    {key}
                  </button>
                </td>
                <td>{when(sums.last)}</td>
                <td class="number">{whole(sums.calls)}</td>
                <td class={`number${sums.errors > 0 ? ' bad' : ''}`}>{whole(sums.errors)}</td>
                <td class="number">{count(sums.inputTokens)}</td>
                <td class="number">{count(sums.outputTokens)}</td>
                <td class="number">{costsOf(sums)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!all && found.length > FIRST && (
        <button type="button" onClick={() => setAll(true)}>
          Show {whole(found.length - FIRST)} more
        </button>
      )}
    </>
  );
}

function OneSession({ id }: { id: string }) {
  const { value, error } = useAnswer<SessionDetail>('session', { key: id }, latest.value.upto);
  if (error !== undefined) return <p class="banner">{error}</p>;
  if (value === undefined) return <Waiting what="the session" />;
  const { calls, sums } = value;
  const labels = calls.map(({ start }) => when(start));
  const costs: number[] = [];
  for (const { cost = 0 } of calls) costs.push((costs.at(-1) ?? 0) + cost);
  const openCall = (index: number) =>
    go({ view: 'calls', query: { session: id }, key: undefined, call: calls[index]?.id });
  return (
    <>
      <div class="page-head">
        <button type="button" class="close" onClick={() => go({ key: undefined })}>
          <span aria-hidden="true">←</span> Sessions
        </button>
        <h1 class="session-name">{id}</h1>
        <span class="space" />
        <button type="button" onClick={() => filterBy('session', id)}>
          Show its calls
        </button>
      </div>
      <dl class="figures">
        <Fact name="Calls">{whole(sums.calls)}</Fact>
        <Fact name="Errors">{whole(sums.errors)}</Fact>
        <Fact name="Tokens in">{whole(sums.inputTokens)}</Fact>
        <Fact name="Tokens out">{whole(sums.outputTokens)}</Fact>
        <Fact name="Cost">{costsOf(sums)}</Fact>
        <Fact name="From">{when(sums.first)}</Fact>
        <Fact name="To">{when(sums.last)}</Fact>
      </dl>
      <div class="charts">
        {Object.keys(sums.cost).length > 0 && (
          <Chart
            title="Cost so far"
            labels={labels}
            values={costs}
            format={value => money(value, Object.keys(sums.cost)[0])}
            onPick={openCall}
          />
        )}
        <Chart
          title="Context: tokens in, call by call"
          labels={labels}
          values={calls.map(({ inputTokens }) => inputTokens)}
          format={count}
          onPick={openCall}
        />
      </div>
    </>
  );
}
