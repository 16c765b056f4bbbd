/** Small parts that stand everywhere. */
import type { ComponentChildren } from 'preact';
import type { Query } from '../api.js';
import { copy } from './look.js';
import { filterBy, route } from './route.js';

/** A value that becomes a filter when it is clicked. */
export function Value({
  name,
  value,
  label = value,
}: {
  name: keyof Query;
  value: string | undefined;
  label?: string | undefined;
}) {
  if (value === undefined) return <span class="absent">-</span>;
  const on = route.value.query[name] === value;
  return (
    <button
      type="button"
      class="value"
      tabIndex={-1}
      aria-pressed={on}
      title={on ? `${label}: show others too` : `Only ${name} ${label}`}
      onClick={event => {
        event.stopPropagation();
        filterBy(name, value);
      }}
    >
      {label}
    </button>
  );
}

export function CopyButton({ text, what, children }: { text: string; what: string; children: ComponentChildren }) {
  return (
    <button type="button" class="quiet" onClick={() => void copy(text, what)}>
      {children}
    </button>
  );
}

/** A command to type, with a button that copies it. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton text={text} what="the command">
        Copy
      </CopyButton>
    </div>
  );
}

export function Fact({ name, title, children }: { name: string; title?: string; children: ComponentChildren }) {
  return (
    <div class="fact" title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Why there is nothing yet. */
export const Waiting = ({ what }: { what: string }) => (
  <p class="hint" role="status">
    Reading {what} …
  </p>
);
