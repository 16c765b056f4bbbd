/** What `ps` shows: one row a process, then what the listing could not see. */
import type { DiscoveredProcess, Discovery } from '../discovery/discover.js';
import { attaches, injects } from '../plan/answer.js';
import type { Palette } from './palette.js';
import { plural } from './summary.js';
import { type Cell, type Column, renderTable, type Style } from './table.js';
import { wrap } from './text.js';

const WIDE: readonly Column[] = [
  { title: 'PID', align: 'right' },
  { title: 'RUNTIME', least: 8 },
  { title: 'TALKS TO', least: 9 },
  { title: 'AI LIBRARIES', least: 12 },
  { title: 'OBSERVE', least: 12 },
  { title: 'NOTES', least: 8 },
  { title: 'COMMAND', least: 20 },
];

/** 80 columns: what says that it talks to a model stands in one column, the strongest first. */
const NARROW: readonly Column[] = [
  { title: 'PID', align: 'right' },
  { title: 'RUNTIME', least: 6 },
  { title: 'LLM', least: 12 },
  { title: 'OBSERVE' },
  { title: 'COMMAND', least: 12 },
];

/** Terminals from this width on show all columns. */
const WIDE_FROM = 118;

/** Lines for a terminal of `limit` columns; uncut without a limit. */
export function renderProcesses(discovery: Discovery, all: boolean, palette: Palette, limit?: number): string[] {
  const listed = discovery.processes.filter(({ relevant }) => all || relevant);
  // What is seen to talk to a model stands above what only could.
  const shown = [...listed.filter(({ evident }) => evident), ...listed.filter(({ evident }) => !evident)];
  const lines =
    shown.length === 0
      ? ['No process that talks, or can talk, to an LLM was found.']
      : limit === undefined || limit >= WIDE_FROM
        ? renderTable(
            WIDE,
            shown.map(process => wideRow(process, palette, limit)),
            palette,
            limit,
          )
        : renderTable(
            NARROW,
            shown.map(process => narrowRow(process, palette)),
            palette,
            limit,
          );
  if (!all && shown.length < discovery.processes.length) {
    lines.push(
      palette.quiet(
        `${plural(discovery.processes.length - shown.length, 'other process is', 'other processes are')} not listed (--all lists them)`,
      ),
    );
  }
  if (discovery.unreadable > 0) {
    const text = `${plural(discovery.unreadable, 'process', 'processes')} of other users cannot be read; sudo openlit-instrument ps shows them`;
    lines.push(...wrap(text, limit).map(line => palette.warning(line)));
  }
  return lines;
}

const pidCell = ({ pid }: DiscoveredProcess, palette: Palette): Cell => ({ text: String(pid), style: palette.strong });

const runtimeCell = ({ runtime }: DiscoveredProcess, palette: Palette): Cell =>
  runtime ? { text: [runtime.name, runtime.version].filter(Boolean).join(' ') } : { text: '-', style: palette.quiet };

function wideRow(process: DiscoveredProcess, palette: Palette, limit: number | undefined): Cell[] {
  return [
    pidCell(process, palette),
    runtimeCell(process, palette),
    orAbsent(process.providers.map(({ name }) => name).join(', '), palette, palette.accent),
    orAbsent(libraryNames(process).join(', '), palette),
    observeCell(process, palette, true),
    { text: notes(process).join('; ') || '-', style: palette.quiet },
    { text: limit === undefined ? process.command.join(' ').trim() : shortCommand(process) },
  ];
}

function narrowRow(process: DiscoveredProcess, palette: Palette): Cell[] {
  const { evident } = process;
  return [
    pidCell(process, palette),
    runtimeCell(process, palette),
    orAbsent(evidence(process).join(' '), palette, evident ? palette.accent : undefined),
    observeCell(process, palette, false),
    { text: shortCommand(process) },
  ];
}

/** What the plan says can be done; `long`: with what is probed, or why nothing is. */
function observeCell({ plan, tls }: DiscoveredProcess, palette: Palette, long: boolean): Cell {
  const text = (word: string, more: string | undefined) => (long && more !== undefined ? `${word}: ${more}` : word);
  if (!plan) return { text: '-', style: palette.quiet };
  if (plan.observedBy) return { text: text('inside', plan.observedBy.by), style: palette.quiet };
  if (attaches(plan)) return { text: text('attach', tls?.library), style: palette.good };
  if (injects(plan)) return { text: 'restart', style: palette.accent };
  return { text: text('no', plan.why[0]?.replace(/^attach: /, '')), style: palette.warning };
}

/** `→openai` connected now, `openai` loaded, `(openai)` installed beside it, `OPENAI_API_KEY` set. */
function evidence(process: DiscoveredProcess): string[] {
  const names = libraryNames(process);
  return [
    ...process.providers.map(({ name }) => `→${name}`),
    ...names.filter(name => !name.startsWith('(')),
    ...names.filter(name => name.startsWith('(')),
    ...process.credentials,
  ];
}

/** Installed is less than loaded, and shown as less. */
function libraryNames({ libraries }: DiscoveredProcess): string[] {
  return libraries.map(({ name, evidence }) => (evidence === 'loaded' ? name : `(${name})`));
}

function orAbsent(text: string, palette: Palette, style?: Style): Cell {
  return text === '' ? { text: '-', style: palette.quiet } : { text, ...(style && { style }) };
}

/** Where the room is short, the folder of the interpreter is what nobody looks for. */
function shortCommand({ command }: DiscoveredProcess): string {
  const [first = '', ...rest] = command;
  return [first.split(' ')[0]!.includes('/') ? first.replace(/^\S*\//, '') : first, ...rest].join(' ').trim();
}

function notes({ instrumentation, plan, credentials, placement }: DiscoveredProcess): string[] {
  return [
    // Said in its own column where there is a plan.
    ...(instrumentation && !plan ? [`observed by ${instrumentation.by}`] : []),
    ...(credentials.length > 0 ? [credentials.join(' ')] : []),
    ...(placement.podUid ? [`pod ${placement.podUid}`] : []),
    ...(placement.container ? [`container ${placement.container.slice(0, 12)}`] : []),
    ...(placement.systemdUnit ? [placement.systemdUnit] : []),
  ];
}

const CHOICES: readonly Column[] = [
  { title: '#', align: 'right' },
  ...NARROW.filter(({ title }) => title !== 'OBSERVE'),
];

/** The processes of a picker, numbered from 1; every one of them can be attached to. */
export function renderChoices(processes: readonly DiscoveredProcess[], palette: Palette, limit?: number): string[] {
  const rows = processes.map((process, index): Cell[] => [
    { text: String(index + 1), style: palette.accent },
    ...narrowRow(process, palette).filter((_, column) => NARROW[column]!.title !== 'OBSERVE'),
  ]);
  return renderTable(CHOICES, rows, palette, limit);
}
