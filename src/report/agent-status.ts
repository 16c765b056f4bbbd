/** How the workloads of a machine stand, as a table: one row each, then why what is not as asked is not. */
import type { Status, StatusWorkload } from '../agent/status.js';
import type { Palette } from './palette.js';
import { type Cell, type Column, renderTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'WORKLOAD', least: 24 },
  { title: 'SERVICE', least: 10 },
  { title: 'TALKS TO', least: 8 },
  { title: 'OBSERVE', least: 8 },
  { title: 'INJECT', least: 8 },
  { title: 'LIFECYCLE', least: 8 },
];

/** Lines for a terminal of `limit` columns. */
export function renderStatus(status: Status, palette: Palette, limit: number): string[] {
  const { workloads, lock_held_by: holder, file_errors: errors } = status;
  const lines =
    workloads.length === 0
      ? ['No workload that talks, or can talk, to an LLM was found, and nothing is asked for.']
      : renderTable(
          COLUMNS,
          workloads.map(workload => row(workload, palette)),
          palette,
          limit,
        );
  for (const workload of workloads) lines.push(...reasons(workload, palette));
  if (holder !== undefined) lines.push(palette.warning(`Another agent acts on this machine (${holder}).`));
  for (const error of errors) lines.push(palette.bad(error));
  return lines;
}

function row({ key, service_name, providers, features }: StatusWorkload, palette: Palette): Cell[] {
  const { observe, inject, lifecycle } = features;
  return [
    { text: key },
    { text: service_name ?? '' },
    { text: providers.join(', ') },
    ...[observe, inject, lifecycle].map(({ state }) => ({ text: state, style: styleOf(state, palette) })),
  ];
}

function styleOf(state: string, palette: Palette): (text: string) => string {
  if (state === 'on' || state === 'adopted') return palette.good;
  if (state === 'off' || state === 'gone') return palette.quiet;
  return state === 'working' || state === 'waiting' ? palette.warning : palette.bad;
}

const SETTLED = new Set(['on', 'off', 'gone']);

function reasons({ key, features }: StatusWorkload, palette: Palette): string[] {
  return Object.entries(features).flatMap(([feature, { state, reason, fix }]) => {
    if (SETTLED.has(state)) return [];
    const line = `${key}: ${feature} is ${state}: ${reason}`;
    return [line, ...(fix === undefined ? [] : [palette.quiet(`  try: ${fix}`)])];
  });
}
