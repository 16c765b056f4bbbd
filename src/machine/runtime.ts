/**
 * The language runtime of a process and its version, from names and files alone: nothing is started. One row a runtime.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { type ProcessFacts, readText } from './proc.js';

export interface Runtime {
  readonly name: string;
  /** As exact as the evidence allows: `3.11.7`, or `3.11` when only the library's name tells. */
  readonly version?: string;
}

interface RuntimeRow {
  readonly name: string;
  /** Matches the executable's file name. */
  readonly executable?: RegExp;
  /** Matches the path of a mapped library: the runtime is embedded (uwsgi, mod_wsgi, a Java launcher). */
  readonly library?: RegExp;
  readonly version?: (process: ProcessFacts) => string | undefined;
}

const ROWS: readonly RuntimeRow[] = [
  { name: 'python', executable: /^(python|pypy)[\d.]*$/, library: /\/libpython\d/, version: pythonVersion },
  { name: 'node', executable: /^(node|nodejs)$/, version: nodeVersion },
  { name: 'bun', executable: /^bun(-profile)?$/ },
  { name: 'deno', executable: /^deno$/ },
  { name: 'java', executable: /^java$/, library: /\/libjvm\.so/ },
  { name: 'dotnet', executable: /^dotnet$/, library: /\/libcoreclr\.so/ },
  { name: 'ruby', executable: /^ruby[\d.]*$/, library: /\/libruby[\d.-]*\.so/ },
  { name: 'php', executable: /^php(-fpm)?[\d.]*$/, library: /\/libphp[\d.]*\.so/ },
];

/** Undefined when no row fits: a native program, or a process whose files may not be read. */
export function detectRuntime(process: ProcessFacts): Runtime | undefined {
  const executable = executableName(process);
  for (const row of ROWS) {
    const fits =
      row.executable?.test(executable) || process.mappedFiles?.some(file => row.library?.test(file) ?? false) === true;
    if (!fits) continue;
    const version = row.version?.(process);
    return { name: row.name, ...(version !== undefined && { version }) };
  }
  return undefined;
}

/** File name of the executable; of the typed command when the link may not be read. */
export function executableName(process: ProcessFacts): string {
  const file = process.executable?.replace(/ \(deleted\)$/, '') ?? process.commandLine[0] ?? process.name;
  return path.basename(file);
}

/** Path of a file of the process, in the process's own mount namespace. */
export function insideProcess(pid: number, file: string): string {
  return `/proc/${pid}/root${file}`;
}

function pythonVersion(process: ProcessFacts): string | undefined {
  const places = [process.executable ?? '', ...(process.mappedFiles ?? [])];
  // pyenv, uv and asdf keep whole versions in their folder names; a venv keeps one in pyvenv.cfg.
  const whole = places
    .map(place => /\/(?:versions|python|cpython)[/-](\d+\.\d+\.\d+)\b/.exec(place)?.[1])
    .find(Boolean);
  if (whole) return whole;
  const typed = process.commandLine[0] ?? '';
  const prefix =
    process.environment?.get('VIRTUAL_ENV') ?? (path.isAbsolute(typed) ? path.resolve(typed, '../..') : '');
  const config = prefix && readText(insideProcess(process.pid, path.join(prefix, 'pyvenv.cfg')));
  const configured = config && /^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)/m.exec(config)?.[1];
  if (configured) return configured;
  return places.map(place => /(?:lib)?python(\d\.\d+)(?:[./]|$)/.exec(place)?.[1]).find(Boolean);
}

const nodeVersions = new Map<string, string | undefined>();

function nodeVersion(process: ProcessFacts): string | undefined {
  const executable = process.executable?.replace(/ \(deleted\)$/, '');
  if (!executable) return undefined;
  const inPath = /\bv?(\d{1,2}\.\d+\.\d+)\b/.exec(executable)?.[1];
  if (inPath) return inPath;
  const file = insideProcess(process.pid, executable);
  const header = readText(path.join(path.dirname(file), '../include/node/node_version.h'));
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    part => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(header ?? '')?.[1],
  );
  if (parts.every(Boolean)) return parts.join('.');
  if (!nodeVersions.has(executable)) nodeVersions.set(executable, searchNodeVersion(file));
  return nodeVersions.get(executable);
}

/**
 * Every Node build holds the URL of its own release headers (`process.release.headersUrl`), and its version with it.
 * Reads the file once in pieces of 4 MB: about 40 ms for the 100 MB of an official build, only where nothing else tells.
 */
function searchNodeVersion(file: string): string | undefined {
  const piece = Buffer.alloc(4 << 20);
  const overlap = 64;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    for (let position = 0; ; position += piece.length - overlap) {
      const length = readSync(descriptor, piece, 0, piece.length, position);
      const at = piece.subarray(0, length).indexOf('/node-v');
      if (at >= 0) {
        const version = /^\/node-v(\d+\.\d+\.\d+)/.exec(piece.toString('latin1', at, at + 24))?.[1];
        if (version) return version;
      }
      if (length < piece.length) return undefined;
    }
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Names in a folder of the process; empty when it does not exist or may not be read. */
export function listInside(pid: number, folder: string): string[] {
  try {
    return readdirSync(insideProcess(pid, folder));
  } catch {
    return [];
  }
}
