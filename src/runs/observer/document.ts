/**
 * What a launch leaves for its observer: the settings, in a file that only this user may read. Not in the environment: the
 * program would print them, hand them to its children, and its own exporters would use them. One file for each distinct set
 * of settings, named by its contents, so that a thousand launches leave one file.
 */
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../config/cache-folder.js';
import { makeFolders } from '../../config/make-folders.js';
import type { Settings } from '../../config/settings.js';
import { settingsToEnvironment } from '../../config/to-environment.js';
import { privateFolders } from './place.js';

export interface LaunchDocument {
  readonly version: 1;
  /** What telemetry reads: `OTEL_*`, `OPENLIT_*`, proxies, certificates, and the names by which a pod knows itself. */
  readonly env: Readonly<Record<string, string>>;
  /** Flags and file: they win over what a program's own environment says. */
  readonly named: Pick<Settings, 'serviceName' | 'environment' | 'resourceAttributes'>;
}

const TELLING =
  /^(?:OTEL_|OPENLIT_(?!INSTRUMENT_)|OPENLIT_INSTRUMENT_CACHE_DIR$|K8S_|KUBERNETES_|(?:MY_)?POD_|CONTAINER_NAME$|HOSTNAME$|NODE_EXTRA_CA_CERTS$|SSL_CERT_|(?:https?|no|all)_proxy$)/i;

/** Files that are kept; a service may make its first call weeks after its launch. */
const MOST_FILES = 500;

export function launchDocument(
  settings: Settings,
  named: LaunchDocument['named'],
  env: NodeJS.ProcessEnv,
): LaunchDocument {
  return { version: 1, env: { ...tellingOf(env), ...settingsToEnvironment(settings) }, named };
}

/** For an observer that no launch has started, as in a pod: its own environment says everything. */
export function documentOfEnvironment(env: NodeJS.ProcessEnv): LaunchDocument {
  return { version: 1, env: tellingOf(env), named: { resourceAttributes: {} } };
}

function tellingOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && TELLING.test(pair[0])),
  );
}

/** @returns its path. @throws Error when there is no place for it */
export function writeDocument(document: LaunchDocument, env: NodeJS.ProcessEnv): string {
  const text = JSON.stringify(document);
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.json`;
  let problem: unknown;
  try {
    for (const folder of places(env)) {
      try {
        return writeOnce(folder, name, text);
      } catch (error) {
        problem ??= error;
      }
    }
  } catch {
    // There is no further place; what is wrong with the first of them is what people can mend.
  }
  throw problem;
}

function* places(env: NodeJS.ProcessEnv): Generator<string> {
  yield path.join(cacheFolder(env), 'launches');
  yield* privateFolders(env);
}

function writeOnce(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  try {
    const now = new Date();
    utimesSync(file, now, now);
    chmodSync(file, 0o600);
    if (readFileSync(file, 'utf8') === text) return file;
  } catch {
    // The first launch with these settings.
  }
  makeFolders(folder, 0o700);
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    // A disk that is full keeps the beginning.
    rmSync(temporary, { force: true });
    throw error;
  }
  removeOldest(folder);
  return file;
}

function removeOldest(folder: string): void {
  const files = readdirSync(folder).filter(name => name.endsWith('.json'));
  if (files.length <= MOST_FILES) return;
  const byAge = files.map(name => [path.join(folder, name), statSync(path.join(folder, name)).mtimeMs] as const);
  byAge.sort((a, b) => a[1] - b[1]);
  for (const [file] of byAge.slice(0, byAge.length - MOST_FILES)) {
    rmSync(file, { force: true });
    rmSync(wordFile(file), { force: true });
  }
}

const wordFile = (document: string) => `${document}.word`;

/** What an observer has to say when no program is left that could be told: the next launch with these settings says it. */
export function leaveWord(document: string, line: string): void {
  try {
    writeFileSync(wordFile(document), line, { mode: 0o600 });
  } catch {
    // The log has it, where there is room for one.
  }
}

/** The word that was left, once. */
export function takeWord(document: string): string | undefined {
  try {
    const line = readFileSync(wordFile(document), 'utf8');
    rmSync(wordFile(document));
    return line;
  } catch {
    return undefined;
  }
}

/** @throws Error for a file that is gone or none of ours */
export function readDocument(file: string): LaunchDocument {
  const document = JSON.parse(readFileSync(file, 'utf8')) as LaunchDocument;
  if (document.version !== 1) throw new Error(`${file} is of version ${String(document.version)}`);
  return document;
}
