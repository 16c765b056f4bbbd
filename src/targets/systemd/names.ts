/** Names of units, and where what is ours about one lies. Pure. */
import path from 'node:path';
import { injectionId } from '../injection.js';
import type { Scope } from './bus.js';

/** Last in order, so that our file is read after all others of the unit. */
export const DROP_IN = 'zz-openlit-instrument.conf';

/** `app` -> `app.service`, as systemctl takes it. */
export const unitName = (typed: string): string => (/\.[a-z]+$/.test(typed) ? typed : `${typed}.service`);

/** Why nothing can be injected into a unit of this name. */
export function nameRefusal(unit: string): string | undefined {
  if (!/^[A-Za-z0-9:_.\\@-]+$/.test(unit)) return `${JSON.stringify(unit)} is no name of a unit`;
  if (!unit.endsWith('.service')) return `${unit} starts no program itself; name the service that it starts`;
  if (unit.endsWith('@.service')) return `${unit} is a template; name one instance: ${unit.replace('@.', '@NAME.')}`;
  return undefined;
}

const KEY = /^linux:systemd:(.+)$/;

export const unitOfKey = (key: string): string | undefined => KEY.exec(key)?.[1];

export const keyOfUnit = (unit: string): string => `linux:systemd:${unit}`;

/** Our name for it where a name of its own would need escaping. */
export const shortName = (scope: Scope, unit: string): string => injectionId(scope, unit);

export interface DropInText {
  readonly version: string;
  readonly injection: string;
  readonly unit: string;
  readonly scope: Scope;
  readonly environmentFile: string;
  /** The folder of the drop-in was not there before. */
  readonly madeFolder: boolean;
}

/**
 * It only leads to a file, and says `-`: where that file is not there, systemd starts the unit as if there were no drop-in.
 * The path is made of our own names, so there is nothing to escape in it.
 */
export function dropInText({ version, injection, unit, scope, environmentFile, madeFolder }: DropInText): string {
  const user = scope === 'user' ? ' --user' : '';
  return [
    `# Written by openlit-instrument ${version}, injection ${injection}${madeFolder ? ', folder made' : ''}.`,
    `# Take it back with: openlit-instrument inject systemd${user} ${unit} --undo`,
    '[Service]',
    `EnvironmentFile=-${environmentFile}`,
    '',
  ].join('\n');
}

export interface DropIn {
  readonly injection: string;
  readonly madeFolder: boolean;
  readonly environmentFile?: string;
}

/** Of one of ours; undefined: somebody else's text. */
export function readDropIn(text: string): DropIn | undefined {
  const head = /^# Written by openlit-instrument \S+, injection ([0-9a-f]{12})(, folder made)?\.$/m.exec(text);
  if (!head) return undefined;
  const file = /^EnvironmentFile=-(.+)$/m.exec(text)?.[1];
  return {
    injection: head[1]!,
    madeFolder: head[2] !== undefined,
    ...(file !== undefined && { environmentFile: file }),
  };
}

/** Folders for drop-ins, the lasting one first. */
export const dropInFolders = (scope: Scope, unit: string, home: string): readonly string[] =>
  scope === 'system'
    ? [`/etc/systemd/system/${unit}.d`, `/run/systemd/system/${unit}.d`]
    : [path.join(home, '.config/systemd/user', `${unit}.d`)];
