/**
 * Python's SDK before the first launch with an interpreter that has a library for it: agents, tools and vector stores that
 * have no hook of their own. One look at a mark when it is there, a set-up with a spinner when it is not. What cannot be
 * set up is said in one line, only the program's LLM calls are seen, and the next launches do not wait for the same
 * failure again for a while. A program without such a library needs no SDK, and nothing is fetched for it.
 */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../config/make-folders.js';
import type { Problem } from '../errors.js';
import { wantsPythonSdk } from '../setup/python-libraries.js';
import { isPythonSdkReady, pythonSdkStore, readyMark } from '../setup/python-store.js';

/** Milliseconds for which a failed set-up is not tried again: a machine without network must not wait at each launch. */
const FAILURE_HOLDS = 3_600_000;

/** What is left without the SDK. */
const ONLY_CALLS = 'LLM calls are seen, agents and tools are not';

export interface Preparation {
  /** The interpreter that will run the program. */
  readonly python: string;
  /** Our folder with `sitecustomize.py`. */
  readonly bootstrap: string;
  /** No spinner and no steps. */
  readonly quiet: boolean;
}

/** @returns a line for stderr when the program will run without the SDK */
export async function preparePython({ python, bootstrap, quiet }: Preparation): Promise<string | undefined> {
  if (isPythonSdkReady(python, bootstrap) || !wantsPythonSdk(python)) return undefined;
  const failure = failureMark(python, bootstrap);
  const again = `openlit-instrument setup python --python ${python}`;
  if (failure !== undefined && isRecent(failure))
    return `${ONLY_CALLS}: OpenLIT's SDK for Python could not be set up; try: ${again}`;
  const { ensurePythonSdk } = await import('../setup/python.js');
  try {
    if (quiet) await ensurePythonSdk({ python, bootstrap });
    else await withSpinner(onStep => ensurePythonSdk({ python, bootstrap, onStep }));
    return undefined;
  } catch (error) {
    remember(failure);
    const { message, reason, fixes = [] } = error as Problem;
    return `${ONLY_CALLS}: ${message}${reason ? `: ${reason}` : ''}; try: ${fixes[0] ?? again}`;
  }
}

/** The spinner starts with the first real step: an interpreter that is only asked shows nothing. */
async function withSpinner(work: (onStep: (step: string) => void) => Promise<{ version: string }>): Promise<void> {
  const { startProgress } = await import('../report/progress.js');
  let progress: ReturnType<typeof startProgress> | undefined;
  let current = '';
  try {
    const { version } = await work(step => {
      current = step;
      if (progress) progress.step(step);
      else progress = startProgress(step);
    });
    progress?.done(`OpenLIT's SDK for Python ${version} is ready; the next launches find it`);
  } catch (error) {
    progress?.failed(current);
    throw error;
  }
}

function failureMark(python: string, bootstrap: string): string | undefined {
  try {
    return `${readyMark(python, bootstrap, pythonSdkStore())}.failed`;
  } catch {
    return undefined;
  }
}

function isRecent(file: string): boolean {
  try {
    return Date.now() - statSync(file).mtimeMs < FAILURE_HOLDS;
  } catch {
    return false;
  }
}

function remember(file: string | undefined): void {
  if (file === undefined) return;
  try {
    makeFolders(path.dirname(file));
    rmSync(file, { force: true });
    writeFileSync(file, '');
  } catch {
    // A cache that cannot be written: every launch tries again.
  }
}
