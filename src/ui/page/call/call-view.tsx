/** One call: what it is, what it cost, and its tabs. */
import { useEffect, useRef } from 'preact/hooks';
import type { CallDetail } from '../../api.js';
import { Value, Waiting } from '../bits.js';
import { cursor, moveTo } from '../list.js';
import { useAnswer } from '../load.js';
import { go, route, TABS, type Tab } from '../route.js';
import { titleOf, when } from '../words.js';
import { Changes } from './changes.js';
import { Conversation } from './conversation.js';
import { Details } from './details.js';
import { Figures } from './figures.js';
import { copyCurl, copyOpenCall, openCall } from './open-call.js';
import { Waterfall } from './waterfall.js';

export function CallView({ id }: { id: string }) {
  const { value, error, stale } = useAnswer<CallDetail>('call', { id });
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    openCall.value = value;
    return () => {
      openCall.value = undefined;
    };
  }, [value]);
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = 0;
  }, [id]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by the keyboard
    <section ref={box} class="call" aria-label="Call" aria-busy={stale} tabIndex={0}>
      {value === undefined ? (
        <>
          <Buttons />
          {error === undefined ? <Waiting what="the call" /> : <p class="banner">{error}</p>}
        </>
      ) : (
        <Whole detail={value} />
      )}
    </section>
  );
}

function Whole({ detail }: { detail: CallDetail }) {
  const { row } = detail;
  return (
    <>
      <header class="call-head">
        <Buttons />
        <h1>{titleOf(row)}</h1>
        <p class="under">
          {row.error === undefined ? null : (
            <span class="mark">
              <span aria-hidden="true">✕</span> <Value name="error" value={row.error} />
            </span>
          )}
          {row.provider && <Value name="provider" value={row.provider} />}
          {row.operation && <Value name="operation" value={row.operation} />}
          {row.process && <Value name="process" value={row.process} />}
          {row.session && <Value name="session" value={row.session} label={`session ${row.session}`} />}
          <span>{when(row.start)}</span>
        </p>
      </header>
      {detail.line === undefined && (
        <p class="banner">The file of this run is gone: only what the list shows is left.</p>
      )}
      {detail.line?.error_message !== undefined && <pre class="failure">{detail.line.error_message}</pre>}
      <Figures row={row} />
      <Tabs detail={detail} />
    </>
  );
}

function Buttons() {
  return (
    <div class="buttons">
      <button type="button" class="close" title="Close (Esc)" onClick={() => go({ call: undefined })}>
        <span aria-hidden="true">←</span> Close
      </button>
      <button
        type="button"
        class="icon"
        title="Previous call (k)"
        aria-label="Previous call"
        onClick={() => void moveTo(cursor.value - 1)}
      >
        ↑
      </button>
      <button
        type="button"
        class="icon"
        title="Next call (j)"
        aria-label="Next call"
        onClick={() => void moveTo(cursor.value + 1)}
      >
        ↓
      </button>
      <span class="space" />
      <button type="button" class="quiet" title="Copy as JSON (c)" onClick={() => void copyOpenCall()}>
        Copy JSON
      </button>
      <button type="button" class="quiet" onClick={() => void copyCurl()}>
        Copy curl
      </button>
    </div>
  );
}

const TITLES: Readonly<Record<Tab, string>> = {
  conversation: 'Conversation',
  details: 'Details',
  trace: 'Trace',
  changes: 'Changes',
  json: 'JSON',
};

function Tabs({ detail }: { detail: CallDetail }) {
  const { tab } = route.value;
  const turn = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    go({ tab: next }, true);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label="Parts of the call" onKeyDown={turn}>
        {TABS.map(name => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls="tab-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => go({ tab: name }, true)}
          >
            {TITLES[name]}
            {name === 'trace' && detail.traceSize > 1 && <span class="count">{detail.traceSize}</span>}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} class={`panel ${tab}`}>
        <Panel tab={tab} detail={detail} />
      </div>
    </>
  );
}

function Panel({ tab, detail }: { tab: Tab; detail: CallDetail }) {
  switch (tab) {
    case 'details':
      return <Details detail={detail} />;
    case 'trace':
      return <Waterfall id={detail.row.id} />;
    case 'changes':
      return <Changes id={detail.row.id} />;
    case 'json':
      return <pre class="json">{JSON.stringify(detail.line, null, 2)}</pre>;
    default:
      return <Conversation detail={detail} />;
  }
}
