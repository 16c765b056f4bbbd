/** Everything that was kept of a call, by what it is about. */
import type { CallDetail } from '../../api.js';
import { CopyButton } from '../bits.js';
import { filterBy } from '../route.js';
import { costOf, when, whole } from '../words.js';

/** Shown as messages, or above. */
const ELSEWHERE = /^gen_ai\.(input\.messages|output\.messages|system_instructions|tool\.definitions)$/;

const GROUPS: readonly (readonly [title: string, names: RegExp])[] = [
  ['Parameters', /^gen_ai\.(request\.|output\.type)|^openai\.request\.|^gen_ai\.embeddings\./],
  ['Tokens and cost', /^gen_ai\.usage\.|^openlit\.cost\./],
  ['Answer', /^gen_ai\.response\.|^openai\.response\.|^http\.response|^error\./],
  ['Server', /^server\.|^network\.|^gen_ai\.provider|^openai\.api/],
];

export function Details({ detail }: { detail: CallDetail }) {
  const { row, line, run } = detail;
  const attributes = Object.entries(line?.attributes ?? {}).filter(([name]) => !ELSEWHERE.test(name));
  const left = new Map(attributes);
  const groups = GROUPS.map(([title, pattern]) => {
    const rows = attributes.filter(([name]) => pattern.test(name));
    for (const [name] of rows) left.delete(name);
    return [title, rows] as const;
  });
  return (
    <>
      <Table
        title="Call"
        rows={[
          ['id', row.id],
          ['trace', row.traceId],
          ...(row.parentId === undefined ? [] : [['parent', row.parentId] as const]),
          ['began', row.start === undefined ? '-' : `${when(row.start)} (${new Date(row.start).toISOString()})`],
          ['program', `${row.process ?? '-'}${row.pid === undefined ? '' : ` (process ${row.pid})`}`],
          ['cost', costOf(row)],
          ...(row.partial
            ? [['not whole', (line as { partial?: string[] })?.partial?.join(', ') ?? 'yes'] as const]
            : []),
          ...(row.again ? [['seen twice', 'the sums leave this one out'] as const] : []),
        ]}
      />
      <p>
        <button type="button" onClick={() => filterBy('trace', row.traceId)}>
          Only calls of this trace
        </button>{' '}
        {run !== undefined && (
          <button type="button" onClick={() => filterBy('run', run.key)}>
            Only this run ({whole(run.calls)} calls)
          </button>
        )}
      </p>
      {groups.map(([title, rows]) => (
        <Table key={title} title={title} rows={rows} />
      ))}
      <Table title="More" rows={[...left]} />
    </>
  );
}

function Table({ title, rows }: { title: string; rows: readonly (readonly [string, unknown])[] }) {
  if (rows.length === 0) return null;
  return (
    <section class="facts">
      <h2>{title}</h2>
      <table>
        <tbody>
          {rows.map(([name, value]) => {
            const text = typeof value === 'string' ? value : JSON.stringify(value);
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{text}</td>
                <td class="copy">
                  <CopyButton text={text} what={name}>
                    Copy<span class="hidden"> {name}</span>
                  </CopyButton>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
