/**
 * What was found in large files, kept on disk: to look for TLS functions in Codex costs 2 s of CPU, in Claude Code 1.4.
 *
 * A wrong place crashes a program, so a finding is believed only of the very file it was made of, in the very state: device,
 * inode, owner, size, times of change and build-id, by the descriptor that was read. The time of change (ctime) is the
 * kernel's own: who may write a file cannot set it. It also has to lie in a folder and a file that are ours alone, be whole,
 * be from the same finders, and the bytes at its places have to be there still. Else it is found anew, and nothing is said.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ElfFile } from '../../machine/elf.js';
import { FINDERS } from './finders-version.js';
import type { ProbePlace } from './placement.js';
import { type Finding, findTls } from './plan.js';

/** Milliseconds of CPU below which to look again is cheap enough. */
const LEAST_COST = 50;
/** Files; the oldest are removed. */
const MOST_FILES = 64;
/** Bytes; a finding takes about 3,000. */
const LARGEST = 1 << 20;

export interface KeepOptions {
  /** Makes the folder, for us alone; may throw. */
  readonly makeFolder: (folder: string) => void;
  readonly search?: (elf: ElfFile) => Finding;
  /** Milliseconds of CPU. */
  readonly least?: number;
  /** Who the finders are: what others have found is not read. */
  readonly finders?: string;
}

/** `findTls` with a memory in `folder`. Fails open: a folder that cannot be used, or is not ours alone, is as if there were none. */
export function keepFindings(folder: string, options: KeepOptions): (elf: ElfFile) => Finding {
  const { makeFolder, search = findTls, least = LEAST_COST, finders = FINDERS } = options;
  return elf => {
    const identity = elf.identity?.();
    if (identity === undefined) return search(elf);
    const about = `${finders}\n${identity}\n${elf.buildId ?? 'no build-id'}`;
    const file = path.join(folder, `${digest(about).slice(0, 32)}.json`);
    const kept = read(folder, file, about);
    if (kept !== undefined && stands(elf, kept.finding)) return kept.finding;
    const before = process.cpuUsage();
    const finding = search(elf);
    const { user, system } = process.cpuUsage(before);
    // One that was written while we read says nothing of what it is now.
    if ((user + system) / 1000 >= least && elf.identity?.() === identity)
      write(folder, file, about, finding, makeFolder);
    return finding;
  };
}

/** Undefined: there is none that may be believed. */
function read(folder: string, file: string, about: string): { readonly finding: Finding } | undefined {
  try {
    const facts = lstatSync(file);
    if (!isOurs(lstatSync(folder)) || !facts.isFile() || !isOurs(facts) || facts.size > LARGEST) return undefined;
    const text = readFileSync(file, 'utf8');
    const body = text.slice(text.indexOf('\n') + 1);
    if (text !== seal(body)) return undefined;
    const kept = JSON.parse(body) as { about: string; finding?: Finding };
    return kept.about === about ? { finding: kept.finding } : undefined;
  } catch {
    return undefined;
  }
}

function write(
  folder: string,
  file: string,
  about: string,
  finding: Finding,
  makeFolder: KeepOptions['makeFolder'],
): void {
  const temporary = `${file}.${process.pid}`;
  try {
    makeFolder(folder);
    // Another user's, or a link to one.
    if (!isOurs(lstatSync(folder))) return;
    writeFileSync(temporary, seal(JSON.stringify({ about, finding })), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
    removeOldest(folder);
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The disk is full, or cannot be written: it is found anew the next time.
    }
  }
}

/** Ours, and nobody else's; what is a link is owned by who made the link, and has all rights. */
function isOurs({ uid, mode }: Stats): boolean {
  return uid === (process.geteuid?.() ?? 0) && (mode & 0o077) === 0;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** With its own digest in front, which a file that was cut or damaged does not have. */
const seal = (body: string): string => `${digest(body)}\n${body}`;

/** Whether the places are in this file, byte for byte. */
function stands(elf: ElfFile, finding: Finding): boolean {
  if (finding === undefined || 'reason' in finding) return true;
  return finding.placement.places.every(
    ({ address, fileOffset, bytes }: ProbePlace) =>
      elf.fileOffset(address) === fileOffset &&
      Buffer.from(elf.code(address, bytes.length / 2)).toString('hex') === bytes,
  );
}

function removeOldest(folder: string): void {
  const files = readdirSync(folder).map(name => path.join(folder, name));
  if (files.length <= MOST_FILES) return;
  const byAge = files.map(name => [name, lstatSync(name).mtimeMs] as const).sort((a, b) => a[1] - b[1]);
  for (const [name] of byAge.slice(0, byAge.length - MOST_FILES)) rmSync(name, { force: true });
}
