/**
 * What a person asks a running agent for from another terminal: a file each in a folder of its state, which it takes up at
 * its next tick. They outlive both: without an agent they wait for the next one.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../config/make-folders.js';
import { replaceFile } from './durable.js';

const FOLDER = 'requests';

/**
 * `recover`: a rolled back or failed workload may be tried again. `observe`: a click of the page, which is a wish as a file's
 * is. Twice is as once.
 */
export interface PersonRequest {
  readonly action: 'recover' | 'observe';
  readonly workload: string;
}

const ACTIONS: readonly string[] = ['recover', 'observe'] satisfies readonly PersonRequest['action'][];

export const requestsFolder = (state: string): string => path.join(state, FOLDER);

/** @throws NodeJS.ErrnoException */
export function askFor(state: string, request: PersonRequest): void {
  const folder = requestsFolder(state);
  makeFolders(folder, 0o700);
  const name = createHash('sha1').update(JSON.stringify(request)).digest('hex').slice(0, 16);
  replaceFile(path.join(folder, `${name}.json`), JSON.stringify(request));
}

/** Each is taken away after `take` has returned: a kill in between repeats it. What makes no sense is taken away, too. */
export function takeRequests(state: string, take: (request: PersonRequest) => void): void {
  let names: string[];
  try {
    names = readdirSync(requestsFolder(state)).filter(name => name.endsWith('.json'));
  } catch {
    return; // nobody ever asked
  }
  for (const name of names) {
    const file = path.join(requestsFolder(state), name);
    const request = parse(readFileSync(file, 'utf8'));
    if (request) take(request);
    unlinkSync(file);
  }
}

function parse(text: string): PersonRequest | undefined {
  try {
    const request = JSON.parse(text) as PersonRequest;
    return ACTIONS.includes(request.action) && typeof request.workload === 'string' ? request : undefined;
  } catch {
    return undefined;
  }
}
