/** One part of a message. */
import { useEffect, useRef } from 'preact/hooks';
import type { Part } from '../../api.js';
import { formatted } from './open-call.js';

/** Longer texts are folded: the next message should be in reach. */
const LONG = 6000;

export function PartView({ part }: { part: Part }) {
  switch (part.type) {
    case 'text':
      return <Text text={part.text} html={part.html} />;
    case 'reasoning':
      return (
        <details class="reasoning">
          <summary>Reasoning</summary>
          <Text text={part.text} html={part.html} />
        </details>
      );
    case 'tool_call':
      return (
        <div class="tool-call">
          <div class="tool-name">
            <span class="tag">calls</span> <code>{part.name}</code>
          </div>
          <Arguments text={part.text} />
        </div>
      );
    case 'tool_result':
      return (
        <div class="tool-call">
          <div class="tool-name">
            <span class="tag">result</span> {part.id !== undefined && <code class="absent">{part.id}</code>}
          </div>
          <Folded text={part.text} />
        </div>
      );
    case 'image':
      return part.source === undefined ? (
        <p class="hint">[picture, not shown: {part.text}]</p>
      ) : (
        <figure>
          <img src={part.source} alt="In the message" />
          <figcaption class="hint">{part.text}</figcaption>
        </figure>
      );
    default:
      return <Folded text={part.text} />;
  }
}

/** A table of names and values, where the arguments are an object of plain ones. */
function Arguments({ text }: { text: string }) {
  const fields = fieldsOf(text);
  if (!formatted.value || fields === undefined || fields.length === 0)
    return text === '' ? null : <Folded text={text} />;
  return (
    <table class="arguments">
      <tbody>
        {fields.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{typeof value === 'string' ? value : JSON.stringify(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function fieldsOf(text: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

function Text({ text, html }: { text: string; html?: string | undefined }) {
  if (!formatted.value || html === undefined) return <Folded text={text} plain />;
  return <Html html={html} long={text.length > LONG} />;
}

/** Made by the server from Markdown, where no HTML of the text is let through. */
function Html({ html, long }: { html: string; long: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A link leads away from the page: it opens beside it, and does not say where it was followed.
    for (const link of box.current?.querySelectorAll('a') ?? []) {
      // Addresses that are not let through are left empty: no link at all is what was meant.
      if (link.getAttribute('href') === '') link.removeAttribute('href');
      link.target = '_blank';
      link.rel = 'noreferrer noopener';
    }
    for (const block of box.current?.querySelectorAll<HTMLElement>('pre, table') ?? []) block.tabIndex = 0;
  }, [html]);
  const body = <div ref={box} class="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
  return long ? <Fold>{body}</Fold> : body;
}

function Folded({ text, plain = false }: { text: string; plain?: boolean }) {
  const body = plain ? <div class="plain">{text}</div> : <pre>{text}</pre>;
  return text.length > LONG ? <Fold>{body}</Fold> : body;
}

const Fold = ({ children }: { children: preact.ComponentChildren }) => (
  <details class="fold">
    <summary>
      <span class="closed">Long text: show all of it</span>
      <span class="opened">Show less</span>
    </summary>
    {children}
  </details>
);
