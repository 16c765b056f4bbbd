/** One look at a unit: what it is, what of ours is in it, and what would be put into it. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Conflict, Refusal } from '../../agent/observed.js';
import { VARIABLES } from '../../config/variables.js';
import { readEnvironment } from '../../machine/environment.js';
import { type Injection, injectionOf } from '../injection.js';
import { isExecutableByAll, somebodyListens } from '../look-at-machine.js';
import { type PayloadFile, payloadAt } from '../payload/payload.js';
import { payloadRoot, type Root } from '../payload/places.js';
import { managerEnvironment, type Scope, unitProperties } from './bus.js';
import { parseEnvFile } from './env-file.js';
import { type FoundDropIn, findDropIn } from './files.js';
import { dropInFolders, shortName } from './names.js';
import { conflictOf, planUnit, type UnitPlan } from './plan-unit.js';
import { environmentOf, readUnit, type Unit } from './unit.js';

/** What all deeds of one target share. */
export interface Context {
  readonly scope: Scope;
  readonly injection: Injection;
  /** Milliseconds that a unit has to stay well after its start. */
  readonly settle: number;
  readonly files: readonly PayloadFile[];
  /** The payload's name. */
  readonly payload: string;
}

export interface Look {
  readonly unit: Unit;
  readonly dropIn: FoundDropIn | undefined;
  /** Which injection the main process was started with. */
  readonly running: string | undefined;
  readonly root: Root;
  readonly name: string;
  readonly plan: UnitPlan | Refusal;
  readonly conflict: Conflict | undefined;
}

/** @throws Error when systemd does not answer */
export async function lookAt({ scope, injection, payload }: Context, name: string): Promise<Look> {
  const root = payloadRoot(scope);
  const [all, manager, agentListens] = await Promise.all([
    unitProperties(scope, name),
    managerEnvironment(scope),
    somebodyListens(injection.agentSocket),
  ]);
  const unit = readUnit(scope, name, all);
  const environment = environmentOf(unit, manager, readEnvFile, isOurs);
  const running = unit.mainPid > 0 ? readEnvironment(unit.mainPid)?.get(VARIABLES.tap) : undefined;
  const facts = {
    unit,
    environment,
    payload: payloadAt(path.join(root.folder, 'payload', payload)),
    ownFolder: workloadFolder(root, scope, name),
    executable: isExecutableByAll,
    agentListens,
  };
  return {
    unit,
    dropIn: findDropIn(foldersOf(scope, name)),
    running: injectionOf(running),
    root,
    name,
    plan: planUnit(facts, injection),
    conflict: conflictOf(environment),
  };
}

export const foldersOf = (scope: Scope, unit: string): readonly string[] => dropInFolders(scope, unit, os.homedir());

/** Where its observer's settings and socket lie. */
export const workloadFolder = (root: Root, scope: Scope, name: string): string =>
  path.join(root.folder, 'workloads', shortName(scope, name));

/** An environment file of ours. */
export const isOurs = (file: string): boolean => file.includes('/openlit-instrument/payload/');

export function readIfThere(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const readEnvFile = (file: string): Record<string, string> => parseEnvFile(readIfThere(file) ?? '');
