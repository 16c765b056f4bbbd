/** The exact diff of a deed on a unit. Nothing is touched. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Refusal } from '../../agent/observed.js';
import type { Injection } from '../injection.js';
import type { Change, Plan } from '../target.js';
import { writableFolder } from './files.js';
import { type Context, foldersOf, type Look, readIfThere, workloadFolder } from './look.js';
import { DROP_IN, dropInText } from './names.js';
import type { UnitPlan } from './plan-unit.js';
import { isActive } from './watch.js';

export interface Place {
  readonly file: string;
  /** The folder was not there before us. */
  readonly madeFolder: boolean;
  readonly lasting: boolean;
}

/** Where the drop-in is, or would be. */
export function placeOf({ scope }: Context, { dropIn, name }: Look): Place | Refusal {
  if (dropIn) return { ...dropIn, lasting: !dropIn.file.startsWith('/run/') };
  const folders = foldersOf(scope, name);
  const folder = writableFolder(folders);
  if (folder === undefined)
    return { possible: false, because: `no folder for drop-ins can be written: ${folders.join(', ')}` };
  const lasting = !folder.startsWith('/run/');
  return { file: path.join(folder, DROP_IN), madeFolder: !existsSync(folder), lasting };
}

/** Written, and used by what runs. */
export const isDone = ({ dropIn, running, unit }: Look, { injection: wanted }: UnitPlan): boolean =>
  dropIn?.injection === wanted &&
  (running === wanted || unit.mainPid === 0) &&
  existsSync(dropIn.environmentFile ?? '');

/** Is it for us to restart it? What runs once starts when its timer says so. */
export const mayRestart = ({ unit }: Look, wanted = true): boolean =>
  wanted && isActive(unit) && unit.type !== 'oneshot';

export const textFor = (
  { scope, injection }: Context,
  unit: string,
  { injection: id, envFile }: UnitPlan,
  madeFolder: boolean,
): string =>
  dropInText({ version: injection.version, injection: id, unit, scope, environmentFile: envFile, madeFolder });

export function planInject(context: Context, seen: Look, restart: boolean): Plan | Refusal {
  if (!seen.plan.possible) return seen.plan;
  const place = placeOf(context, seen);
  if ('possible' in place) return place;
  if (isDone(seen, seen.plan)) return { possible: true, changes: [], steps: [], notes: ['it is done already'] };
  const { name, dropIn, root, plan: wanted } = seen;
  const before = readIfThere(dropIn?.environmentFile);
  const after = textFor(context, name, wanted, place.madeFolder);
  const changes: Change[] = [
    { what: place.file, ...(dropIn && { before: dropIn.text }), after },
    { what: wanted.envFile, ...(before !== undefined && { before }), after: wanted.envText },
  ];
  if (wanted.document !== undefined)
    changes.push({ what: settingsFile(context, seen), after: settingsLine(context.injection) });
  const notes = [...wanted.notes, ...notesOf(seen, place.lasting && root.lasting, restart)];
  return { possible: true, changes, steps: steps(context, seen, restart), notes };
}

export function planUndo(context: Context, seen: Look, restart: boolean): Plan {
  const { dropIn } = seen;
  if (!dropIn) return { possible: true, changes: [], steps: [], notes: ['nothing of ours is in it'] };
  const environment = readIfThere(dropIn.environmentFile);
  const settings = settingsFile(context, seen);
  const changes: Change[] = [
    { what: dropIn.file, before: dropIn.text },
    ...(environment === undefined ? [] : [{ what: dropIn.environmentFile ?? '', before: environment }]),
    ...(existsSync(settings) ? [{ what: settings, before: settingsLine(context.injection) }] : []),
  ];
  const notes = restart ? [] : [`${seen.name} is not restarted; what runs keeps the hook until it ends`];
  return { possible: true, changes, steps: steps(context, seen, restart), notes };
}

const settingsFile = ({ scope }: Context, { root, name }: Look) =>
  path.join(workloadFolder(root, scope, name), 'settings.json');

/** Never what is in it. */
const settingsLine = ({ holdsCredentials }: Injection) =>
  `(the observer's settings${holdsCredentials ? ', credentials included: only the user of the unit may read them' : ''})\n`;

function steps({ scope }: Context, { name }: Look, restart: boolean): string[] {
  const command = scope === 'user' ? 'systemctl --user' : 'systemctl';
  return [`${command} daemon-reload`, ...(restart ? [`${command} restart ${name}`] : [])];
}

function notesOf({ unit }: Look, lasting: boolean, restart: boolean): string[] {
  const gone = lasting
    ? []
    : ['it lies in /run, for /etc or /var cannot be written: gone when the machine starts again'];
  const later = restart ? [] : [`${unit.name} is not restarted; used from its next start on`];
  return [...gone, ...later];
}
