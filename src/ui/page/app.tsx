/** The frame of the page: what is above, and the view that is open. */
import { useEffect } from 'preact/hooks';
import { trouble } from './ask.js';
import { CallView } from './call/call-view.js';
import { CallList } from './calls/call-list.js';
import { FilterBar } from './calls/filter-bar.js';
import { SumsBar } from './calls/sums-bar.js';
import { follow } from './events.js';
import { Head } from './head.js';
import { HelpDialog } from './help.js';
import { latest, openList } from './list.js';
import { told } from './look.js';
import { ProcessesView } from './processes.js';
import { route } from './route.js';
import { SessionsView } from './sessions.js';

export function App() {
  return (
    <>
      <Head />
      {trouble.value === 'locked' ? <Locked /> : <Open />}
      <HelpDialog />
      <div class={`toast${told.value ? ' shown' : ''}`} role="status" aria-live="polite">
        {told.value}
      </div>
    </>
  );
}

function Open() {
  const { view } = route.value;
  return (
    <>
      {trouble.value === 'away' && (
        <p class="banner" role="alert">
          The server does not answer. Is openlit-instrument still running? The page goes on by itself when it does.
        </p>
      )}
      {view === 'calls' ? <Calls /> : view === 'sessions' ? <SessionsView /> : <ProcessesView />}
    </>
  );
}

function Calls() {
  const { query, call } = route.value;
  const key = JSON.stringify(query);
  useEffect(() => void openList().then(follow), [key]);
  return (
    <main class={`calls${call === undefined ? '' : ' split'}`}>
      <section class="left" aria-label="Calls">
        <FilterBar />
        <SumsBar />
        <CallList key={key} />
        {latest.value.reading && <p class="reading">Reading kept calls …</p>}
      </section>
      {call !== undefined && <CallView id={call} />}
    </main>
  );
}

function Locked() {
  return (
    <main class="empty">
      <h1>This page is locked</h1>
      <p>
        Open the address that <code>openlit-instrument ui</code> printed in your terminal: it holds a token that lets
        you in. A token lasts as long as the command runs.
      </p>
    </main>
  );
}
