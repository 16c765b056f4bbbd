/** What the keyboard does. */
import { useEffect, useRef } from 'preact/hooks';
import { helpOpen } from './look.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['j / k', 'next, previous call'],
  ['Enter', 'open the call'],
  ['Esc', 'close what is open'],
  ['/', 'search in messages, names and errors'],
  ['e / E', 'next, previous error'],
  ['p', 'pause, go on'],
  ['1 – 5', 'conversation, details, trace, changes, JSON'],
  ['m', 'Markdown or raw text'],
  ['c', 'copy the call as JSON'],
  ['g', 'top of the list'],
  ['t', 'theme: system, light, dark'],
  ['?', 'this help'],
];

export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  const close = () => {
    helpOpen.value = false;
  };
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">Keyboard</h2>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">
        A click on a program, model, operation or error shows only calls with it. A column title sorts.
      </p>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
