/**
 * Where launcher, taps and observer meet: a folder of ours that nobody else may enter. In it lies the socket of each launch,
 * under a name that cannot be guessed. A name in the abstract namespace would need no folder, but every user of the machine
 * can read it, and take it over when the observer has gone.
 */
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Bytes of a socket's path: 108 on Linux, 104 on macOS, with a zero at the end. */
const LONGEST_PATH = 103;
/** `/` and the name of a socket, `.sock` included. */
const NAME_LENGTH = 30;

/**
 * The first folder that we can own.
 * @throws Error that names what was tried
 */
export function privateFolder(env: NodeJS.ProcessEnv, uid?: number): string {
  return privateFolders(env, uid).next().value;
}

/**
 * The folders that we can own, one after the other: the disk of one may be full.
 * @throws Error at their end, that names what was tried
 */
export function* privateFolders(
  env: NodeJS.ProcessEnv,
  uid = process.getuid?.() ?? 0,
): Generator<string, never, undefined> {
  const candidates = [
    ...(env['XDG_RUNTIME_DIR'] ? [path.join(env['XDG_RUNTIME_DIR'], 'openlit-instrument')] : []),
    path.join(env['TMPDIR'] || os.tmpdir(), `openlit-instrument-${uid}`),
    `/tmp/openlit-instrument-${uid}`,
    `/dev/shm/openlit-instrument-${uid}`,
  ];
  const reasons: string[] = [];
  for (const folder of new Set(candidates)) {
    if (Buffer.byteLength(folder) + NAME_LENGTH > LONGEST_PATH) {
      reasons.push(`${folder}: too long for a socket`);
      continue;
    }
    const reason = own(folder, uid);
    if (reason === undefined) yield folder;
    reasons.push(`${folder}: ${reason ?? 'full'}`);
  }
  throw new Error(`there is no private folder for its socket (${reasons.join('; ')})`);
}

/** Makes it, or proves that it is ours and nobody else's. */
function own(folder: string, uid: number): string | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') return code ?? (error as Error).message;
  }
  try {
    const facts = lstatSync(folder);
    if (!facts.isDirectory()) return 'not a folder';
    if (facts.uid !== uid) return 'belongs to another user';
    if ((facts.mode & 0o077) !== 0) chmodSync(folder, 0o700);
    // It may be from a time when its disk could be written.
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}

/** Milliseconds after which a socket file without a listener is rubbish: its launch may still want to come back to it. */
const OLD = 30 * 24 * 3_600_000;

/** Removes what killed observers left behind long ago. */
export function removeOldSockets(folder: string, now = Date.now()): void {
  try {
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      if (name.endsWith('.sock') && now - statSync(file).mtimeMs > OLD) unlinkSync(file);
    }
  } catch {
    // Somebody else removed it first.
  }
}
