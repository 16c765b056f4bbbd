/** What `attach` says of itself at its end and on SIGUSR1: attached, seen, dropped, exported, and what it cost. */

import { seconds } from './numbers.js';
import type { Palette } from './palette.js';
import { plural } from './summary.js';
import { clean, width, wrap } from './text.js';

export interface Account {
  /** Seconds since the start. */
  readonly elapsed: number;
  readonly files: readonly {
    readonly process: string;
    readonly pids: readonly number[];
    readonly processes: number;
    readonly library: string;
    readonly file: string;
    readonly probes: readonly { readonly name: string; readonly offset: number }[];
  }[];
  readonly records: number;
  readonly bytes: number;
  readonly exchanges: number;
  /** Absent where exchanges are not decoded into calls. */
  readonly calls?: { readonly all: number; readonly partial: number };
  readonly lost: {
    readonly ringRecords: number;
    readonly ringBytes: number;
    readonly faultBytes: number;
    readonly limitBytes: number;
    readonly mapFull: number;
  };
  /** What could not be seen at all: see `attach/missed.ts`. */
  readonly missed?: { readonly brief: number; readonly processes: number };
  /** Per signal; absent without an endpoint. */
  readonly sent?: Readonly<
    Record<string, { readonly exported: number; readonly dropped: number; readonly queued: number }>
  >;
  /** Our own: seconds of CPU, bytes of resident memory. */
  readonly cpu: number;
  readonly memory: number;
}

const LABEL = 10;

/** Between words that stay on one line. */
const TIED = '\u00a0';

/** Lines of at most `columns`, never cut: long ones are wrapped. */
export function accountLines(account: Account, palette: Palette, columns?: number): string[] {
  const lines = [`${palette.quiet('openlit-instrument:')} account of ${seconds(account.elapsed)}`];
  const add = (label: string, text: string, style = (each: string) => each) => {
    const room = columns === undefined ? undefined : Math.max(20, columns - LABEL - 2);
    for (const [index, part] of wrap(clean(text), room).entries()) {
      lines.push(`  ${palette.quiet((index === 0 ? label : '').padEnd(LABEL))}${style(part.replaceAll(TIED, ' '))}`);
    }
  };
  if (account.files.length === 0) add('attached', 'nothing', palette.warning);
  for (const { process, pids, processes, library, file, probes } of account.files) {
    const more = processes > pids.length ? ` and ${processes - pids.length} more` : '';
    add('attached', `${process} (pid ${pids.join(', ')}${more}): ${library} in ${file}`);
    add('probes', probes.map(({ name, offset }) => `${name}${TIED}0x${offset.toString(16)}`).join(', '), palette.quiet);
  }
  add('seen', seenText(account));
  const lost = lostText(account.lost, account.missed);
  add('dropped', lost || 'nothing', lost ? palette.warning : undefined);
  if (account.sent) add('exported', sentText(account.sent), anyDropped(account.sent) ? palette.warning : undefined);
  add('our cost', `${account.cpu.toFixed(2)} s of CPU, ${bytesText(account.memory)} of memory`);
  return lines.filter(line => width(line) > 0);
}

function seenText({ records, bytes, exchanges, calls }: Account): string {
  const parts = [plural(records, 'record'), bytesText(bytes), plural(exchanges, 'exchange')];
  if (calls) parts.push(plural(calls.all, 'call') + (calls.partial > 0 ? ` (${calls.partial} partial)` : ''));
  return parts.join(', ');
}

function lostText(
  { ringRecords, ringBytes, faultBytes, limitBytes, mapFull }: Account['lost'],
  missed: Account['missed'],
): string {
  const parts: string[] = [];
  if (ringRecords > 0) parts.push(`${plural(ringRecords, 'record')} with ${bytesText(ringBytes)} (ring full)`);
  if (faultBytes > 0) parts.push(`${bytesText(faultBytes)} (unreadable memory)`);
  if (limitBytes > 0) parts.push(`${bytesText(limitBytes)} (TLS calls over 16 MiB)`);
  if (mapFull > 0) parts.push(`${plural(mapFull, 'entry', 'entries')} (kernel tables full)`);
  if (missed && missed.processes > 0)
    parts.push(`some calls of ${plural(missed.processes, 'process', 'processes')} (not observed all the time)`);
  if (missed && missed.brief > 0)
    parts.push(`${plural(missed.brief, 'child', 'children')} that ended before we looked (calls unknown)`);
  return parts.join(', ');
}

function sentText(sent: NonNullable<Account['sent']>): string {
  return Object.entries(sent)
    .map(([signal, { exported, dropped, queued }]) => {
      const rest = [dropped > 0 ? `${dropped} dropped` : '', queued > 0 ? `${queued} waiting` : ''].filter(Boolean);
      return `${exported} ${signal}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`;
    })
    .join(', ');
}

const anyDropped = (sent: NonNullable<Account['sent']>) => Object.values(sent).some(({ dropped }) => dropped > 0);

/** `812 B`, `12.3 kB`, `88.1 MB`: powers of 1000. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
  ] as const) {
    if (bytes < size * 999.95) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
