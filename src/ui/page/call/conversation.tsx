/** The messages as a chat. */
import type { CallDetail, ChatMessage } from '../../api.js';
import { Command } from '../bits.js';
import { plural } from '../words.js';
import { formatted, nextFormat } from './open-call.js';
import { PartView } from './part-view.js';

const NAMES: Readonly<Record<string, string>> = {
  system: 'System',
  developer: 'System',
  user: 'User',
  assistant: 'Assistant',
  model: 'Assistant',
  tool: 'Tool',
};

export function Conversation({ detail }: { detail: CallDetail }) {
  const { input, output, tools, row } = detail;
  if (input.length + output.length === 0) return <NoContent detail={detail} />;
  return (
    <>
      <div class="chat-head">
        <span class="hint">{plural(input.length + output.length, 'message')}</span>
        <button
          type="button"
          class="toggle"
          aria-pressed={!formatted.value}
          title="Markdown or raw (m)"
          onClick={nextFormat}
        >
          Raw text
        </button>
      </div>
      {tools.length > 0 && (
        <details class="tools">
          <summary>{plural(tools.length, 'tool')} offered</summary>
          {tools.map(({ name, description, text }) => (
            <details key={name} class="tool">
              <summary>
                <code>{name}</code> {description}
              </summary>
              <pre>{text}</pre>
            </details>
          ))}
        </details>
      )}
      <ol class="chat">
        {input.map((message, index) => (
          <Message key={index} message={message} />
        ))}
        {output.map((message, index) => (
          <Message key={`out-${index}`} message={message} answer />
        ))}
      </ol>
      {output.length === 0 && row.error === undefined && <p class="hint">The answer has no text.</p>}
    </>
  );
}

/** Its parts keep their places: the index is their name. */
function Message({ message, answer = false }: { message: ChatMessage; answer?: boolean }) {
  const { role, parts, finish } = message;
  const side = role === 'model' ? 'assistant' : role === 'developer' ? 'system' : role;
  return (
    <li class={`message ${/^\w+$/.test(side) ? side : 'other'}${answer ? ' answer' : ''}`}>
      <div class="role">
        {NAMES[role] ?? role}
        {answer && <span class="tag">answer</span>}
        {finish !== undefined && finish !== 'stop' && <span class="tag">{finish}</span>}
      </div>
      {parts.map((part, index) => (
        <PartView key={index} part={part} />
      ))}
    </li>
  );
}

function NoContent({ detail: { row, line } }: { detail: CallDetail }) {
  if (row.kind === 'span') return <p class="empty">A step of the program: its attributes are under Details.</p>;
  return (
    <div class="empty">
      <h2>
        {row.error === undefined ? 'The messages were not kept' : 'The call failed, and its messages were not kept'}
      </h2>
      <p>Prompts and answers are kept only where you ask for it:</p>
      <Command text={`openlit-instrument --capture-content ${line?.process ?? 'python'} …`} />
    </div>
  );
}
