/** What a run leaves behind for later: its short name, and where to look at it. */
import type { Settings } from '../config/settings.js';
import { fileName, type RunFacts, runId } from '../store/kept-lines.js';
import { keepingCalls } from './keep-calls.js';

export interface KeptRun {
  readonly consumers: ReturnType<typeof keepingCalls>;
  /** What `show` takes; undefined where nothing is kept. */
  id(): string | undefined;
  /** For a person at a terminal; undefined where nothing is kept. */
  hint(): string | undefined;
}

/** @param notice told once where the folder cannot be written */
export function keepRun(settings: Settings, run: RunFacts, notice: (line: string) => void): KeptRun {
  let broken = false;
  const consumers = keepingCalls(settings, run, reason => {
    broken = true;
    notice(reason);
  });
  const kept = () => consumers.length > 0 && !broken;
  return {
    consumers,
    id: () => (kept() ? runId(fileName(run).replace(/\.ndjson$/, '')) : undefined),
    hint: () => (kept() ? lookAt(process.env) : undefined),
  };
}

/** The calls of a command under sudo lie with root's. */
export function lookAt(env: NodeJS.ProcessEnv, uid = process.getuid?.()): string {
  const command = `${uid === 0 && env['SUDO_UID'] !== undefined ? 'sudo ' : ''}openlit-instrument`;
  return `each call: ${command} show last · in the browser: ${command} ui`;
}
