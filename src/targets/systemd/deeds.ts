/** Inject and undo, in an order that leaves nothing half done behind a failure. */
import { rmSync, statSync } from 'node:fs';
import type { Refusal } from '../../agent/observed.js';
import { runCommand } from '../../machine/exec/run-command.js';
import { insideProcess } from '../../machine/files-inside.js';
import { installPayload, type Payload, removeLeads, removeUnusedPayloads } from '../payload/payload.js';
import type { DeedResult } from '../target.js';
import { unitProperties } from './bus.js';
import { isDone, mayRestart, type Place, placeOf, textFor } from './changes.js';
import { ownFolder, removeDropIn, writeDropIn, writeWhole } from './files.js';
import { type Context, isOurs, type Look, lookAt, workloadFolder } from './look.js';
import { systemctl } from './manager.js';
import { shortName } from './names.js';
import type { UnitPlan } from './plan-unit.js';
import { readUnit, type Unit } from './unit.js';
import { isActive, startAgain, troubleOf, watch } from './watch.js';

const failed = (reason: string, permanent = false): DeedResult => ({
  outcome: 'failed',
  restarted: false,
  reason,
  ...(permanent && { permanent }),
});

export const refused = ({ because }: Refusal): DeedResult => failed(because, true);

export async function injectUnit(context: Context, name: string, restart = true): Promise<DeedResult> {
  const { scope, injection, payload, files, settle } = context;
  const seen = await lookAt(context, name);
  if (!seen.plan.possible) return refused(seen.plan);
  const sick = troubleOf(seen.unit);
  if (sick !== undefined) return failed(`${name} was in trouble (${sick}) before us; it is not touched`);
  const wanted = seen.plan;
  if (isDone(seen, wanted)) return { outcome: 'done', restarted: false };
  const place = placeOf(context, seen);
  if ('possible' in place) return refused(place);
  const installed = installPayload(seen.root.folder, payload, injection.built, files);
  const unseen = notSeenBy(seen.unit, installed);
  if (unseen !== undefined) {
    removeUnusedPayloads(seen.root.folder);
    return failed(unseen, true);
  }
  await writeFiles(context, seen, wanted, place);
  const problem = (await systemctl(scope, 'daemon-reload')) ?? (await isTaken(context, name, wanted.envFile));
  if (problem !== undefined) return await takeBack(context, seen, place, false, problem);
  if (!mayRestart(seen, restart)) return { outcome: 'done', restarted: false };
  const bad = (await systemctl(scope, 'restart', name)) ?? (await watch(scope, name, settle));
  if (bad !== undefined) return await takeBack(context, seen, place, true, bad);
  removeOld(seen, wanted);
  return { outcome: 'done', restarted: true };
}

/** What an earlier injection led to, once nothing uses it any more. */
function removeOld({ dropIn, root }: Look, { envFile }: UnitPlan): void {
  const before = dropIn?.environmentFile;
  if (before !== undefined && before !== envFile && isOurs(before)) rmSync(before, { force: true });
  removeUnusedPayloads(root.folder);
}

/** What is led to comes before what leads to it. */
async function writeFiles(context: Context, { unit, root, name }: Look, wanted: UnitPlan, place: Place): Promise<void> {
  const owner = unit.sandbox.dynamicUser ? undefined : await ownerOf(unit);
  ownFolder(workloadFolder(root, context.scope, name), owner);
  if (wanted.document !== undefined)
    writeWhole(wanted.documentFile, wanted.document, owner === undefined ? 0o644 : 0o600, owner);
  writeWhole(wanted.envFile, wanted.envText, 0o600);
  writeDropIn(place.file, textFor(context, name, wanted, place.madeFolder));
}

/** The unit as before, and running as before. */
async function takeBack(
  context: Context,
  seen: Look,
  place: Place,
  restarted: boolean,
  reason: string,
): Promise<DeedResult> {
  const { scope, settle } = context;
  await remove(context, seen, place);
  const again = restarted ? await startAgain(scope, seen.name, settle) : undefined;
  const now = again === undefined ? 'it is as before again' : `it does not start without it either: ${again}`;
  removeUnusedPayloads(seen.root.folder);
  return { outcome: 'failed', restarted, permanent: true, reason: `with the hook: ${reason}; ${now}` };
}

/** @returns what systemd said against it */
async function remove(
  context: Context,
  seen: Look,
  place: Pick<Place, 'file' | 'madeFolder'>,
): Promise<string | undefined> {
  removeDropIn(place);
  const problem = await systemctl(context.scope, 'daemon-reload');
  clear(context, seen);
  return problem;
}

/** What the drop-in led to. */
function clear({ scope }: Context, { root, name }: Look): void {
  removeLeads(root.folder, shortName(scope, name));
  rmSync(workloadFolder(root, scope, name), { recursive: true, force: true });
}

export async function undoUnit(context: Context, name: string, restart = true): Promise<DeedResult> {
  const { scope, settle } = context;
  const seen = await lookAt(context, name);
  const { unit, dropIn, running, root } = seen;
  const runs = isActive(unit) && running !== undefined;
  if (dropIn) {
    const problem = await remove(context, seen, dropIn);
    if (problem !== undefined) return { outcome: 'half-done', restarted: false, reason: problem };
  } else clear(context, seen);
  if (!restart && runs) return { outcome: 'done', restarted: false };
  if (runs) {
    const bad = (await systemctl(scope, 'restart', name)) ?? (await watch(scope, name, settle));
    if (bad !== undefined) return { outcome: 'failed', restarted: true, reason: bad };
  }
  removeUnusedPayloads(root.folder);
  return { outcome: 'done', restarted: runs };
}

/** systemd has to have read the drop-in before it may start anything by it. */
async function isTaken({ scope }: Context, name: string, envFile: string): Promise<string | undefined> {
  const unit = readUnit(scope, name, await unitProperties(scope, name));
  if (unit.loadState !== 'loaded') return `systemd says of it: ${unit.loadState}`;
  return unit.environmentFiles.at(-1)?.[0] === envFile ? undefined : 'systemd does not read our drop-in last';
}

/** The running process shows whether the sandbox lets the hook through: its root is what the next process will have too. */
function notSeenBy({ mainPid, name }: Unit, { hooks }: Payload): string | undefined {
  if (mainPid === 0) return undefined;
  try {
    statSync(insideProcess(mainPid, hooks.node));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `${name} does not see ${hooks.node}: its sandbox hides it` : undefined;
  }
}

/** Of a unit without `User=`: ours, the manager's. @throws Error */
async function ownerOf({ user }: Unit): Promise<number> {
  if (user === '') return process.getuid?.() ?? 0;
  if (/^\d+$/.test(user)) return Number(user);
  const { status, stdout } = await runCommand('id', ['-u', '--', user]);
  if (status !== 0) throw new Error(`there is no user ${user}`);
  return Number(stdout);
}
