/** Programs on this machine that talk, or can talk, to a model, and how each is observed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Observation, Processes, ProcessRow } from '../api.js';
import { send } from './ask.js';
import { Command, Waiting } from './bits.js';
import { useAnswer } from './load.js';
import { tell } from './look.js';
import { plural } from './words.js';

export function ProcessesView() {
  const [look, setLook] = useState(0);
  const { value, error } = useAnswer<Processes>('processes', {}, look);
  const [asked, setAsked] = useState<ProcessRow>();
  return (
    <main class="page processes">
      <div class="page-head">
        <h1>{value === undefined ? 'Processes' : plural(value.processes.length, 'process', 'processes')}</h1>
        <span class="space" />
        <button type="button" onClick={() => setLook(look + 1)}>
          Look again
        </button>
      </div>
      {error !== undefined && <p class="banner">{error}</p>}
      {value === undefined && error === undefined && <Waiting what="the processes of this machine" />}
      {value?.processes.length === 0 && (
        <div class="empty">
          <h2>No process that talks, or can talk, to a model was found</h2>
          <p>Start one behind openlit-instrument:</p>
          <Command text="openlit-instrument python app.py" />
        </div>
      )}
      <ul class="cards">
        {value?.processes.map(row => (
          <ProcessCard key={row.pid} row={row} onAsk={() => setAsked(row)} />
        ))}
      </ul>
      {value !== undefined && value.unreadable > 0 && (
        <p class="hint">
          {plural(value.unreadable, 'process', 'processes')} of other users cannot be looked into. Start the page with
          sudo to see them.
        </p>
      )}
      {asked !== undefined && (
        <Confirm
          row={asked}
          onDone={() => {
            setAsked(undefined);
            setLook(look + 1);
          }}
        />
      )}
    </main>
  );
}

function ProcessCard({ row, onAsk }: { row: ProcessRow; onAsk: () => void }) {
  return (
    <li class="card">
      <div class="card-head">
        <strong>{row.name}</strong>
        <span class="absent">{row.pid}</span>
        {row.runtime !== undefined && <span>{row.runtime}</span>}
        <span class="space" />
        <span class={`tag${row.way === 'no' ? ' bad' : ''}`}>{row.observation?.state ?? row.way}</span>
      </div>
      <p class="cmd" title={row.command}>
        {row.command}
      </p>
      {row.evidence && <p class="hint">{row.evidence}</p>}
      {row.note !== undefined && <p class="hint">{row.note}</p>}
      {row.observation?.text !== undefined && <p class="hint">{row.observation.text}</p>}
      {row.mayStart && row.observation?.state !== 'attached' ? (
        <button type="button" class="main" onClick={onAsk}>
          Observe …
        </button>
      ) : (
        row.observe !== undefined && row.observation?.state !== 'attached' && <Command text={row.observe} />
      )}
    </li>
  );
}

/** The exact command first. */
function Confirm({ row, onDone }: { row: ProcessRow; onDone: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const start = async () => {
    setBusy(true);
    try {
      const { state, text = '' } = await send<Observation>('observe', { pid: row.pid });
      tell(state === 'attached' ? `Attached to ${row.name}` : `Not attached: ${text}`);
    } catch (error) {
      tell((error as Error).message);
    }
    onDone();
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" onClose={onDone}>
      <h2 id="confirm-title">Observe {row.name}?</h2>
      <p>This command is started, and ends with this page. The process is neither restarted nor changed.</p>
      <Command text={row.observe ?? ''} />
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="main" disabled={busy} onClick={() => void start()}>
          {busy ? 'Attaching …' : 'Observe'}
        </button>
      </div>
    </dialog>
  );
}
