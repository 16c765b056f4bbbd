/** What `ps` shows: one row a process, then what the listing could not see. */
import type { DiscoveredProcess, Discovery } from '../discovery/discover.js';
import type { Palette } from './palette.js';
import { type Cell, type Column, renderTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'PID', align: 'right' },
  { title: 'RUNTIME', least: 8 },
  { title: 'TALKS TO', least: 9 },
  { title: 'AI LIBRARIES', least: 12 },
  { title: 'ATTACH', least: 12 },
  { title: 'NOTES', least: 8 },
  { title: 'COMMAND', least: 12 },
];

/** Lines for a terminal of `limit` columns; uncut without a limit. */
export function renderProcesses(discovery: Discovery, all: boolean, palette: Palette, limit?: number): string[] {
  const shown = discovery.processes.filter(({ relevant }) => all || relevant);
  const lines =
    shown.length === 0
      ? ['No process that talks, or can talk, to an LLM was found.']
      : renderTable(
          COLUMNS,
          shown.map(process => row(process, palette)),
          palette,
          limit,
        );
  if (!all && shown.length < discovery.processes.length) {
    lines.push(
      palette.quiet(`${discovery.processes.length - shown.length} other processes are not listed (--all lists them)`),
    );
  }
  if (discovery.unreadable > 0) {
    lines.push(
      palette.warning(
        `${discovery.unreadable} processes of other users cannot be looked into; sudo openlit-instrument ps shows them`,
      ),
    );
  }
  return lines;
}

function row(process: DiscoveredProcess, palette: Palette): Cell[] {
  const { runtime, providers, libraries, tls } = process;
  const attach = !tls
    ? { text: '-', style: palette.quiet }
    : tls.attachable
      ? { text: tls.library ?? 'yes', style: palette.good }
      : { text: `no: ${tls.reason ?? 'not known'}`, style: palette.warning };
  return [
    { text: String(process.pid), style: palette.strong },
    { text: runtime ? `${runtime.name}${runtime.version ? ` ${runtime.version}` : ''}` : '-' },
    { text: providers.map(({ name }) => name).join(', ') || '-', style: palette.accent },
    // Installed is less than loaded, and shown as less.
    { text: libraries.map(({ name, evidence }) => (evidence === 'loaded' ? name : `(${name})`)).join(', ') || '-' },
    attach,
    { text: notes(process).join('; ') || '-', style: palette.quiet },
    { text: process.command.join(' ') },
  ];
}

function notes({ instrumentation, credentials, placement }: DiscoveredProcess): string[] {
  return [
    ...(instrumentation ? [`observed by ${instrumentation.by}`] : []),
    ...(credentials.length > 0 ? [credentials.join(' ')] : []),
    ...(placement.podUid ? [`pod ${placement.podUid}`] : []),
    ...(placement.container ? [`container ${placement.container}`] : []),
    ...(placement.systemdUnit ? [placement.systemdUnit] : []),
  ];
}

const CHOICES: readonly Column[] = [
  { title: '#', align: 'right' },
  ...COLUMNS.filter(({ title }) => title !== 'NOTES' && title !== 'ATTACH'),
];

/** The processes of a picker, numbered from 1. */
export function renderChoices(processes: readonly DiscoveredProcess[], palette: Palette, limit?: number): string[] {
  const rows = processes.map((process, index): Cell[] => {
    const [pid, runtime, provider, libraries, , , command] = row(process, palette) as [
      Cell,
      Cell,
      Cell,
      Cell,
      Cell,
      Cell,
      Cell,
    ];
    return [{ text: String(index + 1), style: palette.accent }, pid, runtime, provider, libraries, command];
  });
  return renderTable(CHOICES, rows, palette, limit);
}
