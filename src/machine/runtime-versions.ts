/** Versions of runtimes from names and files of a process, without starting it. */
import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import type { ProcessFacts } from './facts.js';
import { insideProcess, readInside } from './files-inside.js';
import { readText } from './proc.js';
import type { RuntimeName } from './runtimes.js';

/** Undefined where nothing tells it. */
export function versionOf(runtime: RuntimeName, process: ProcessFacts): string | undefined {
  if (runtime === 'python') return pythonVersion(process);
  return runtime === 'node' ? nodeVersion(process) : undefined;
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
  const config = prefix && readInside(process.pid, path.join(prefix, 'pyvenv.cfg'));
  const configured = config && /^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)/m.exec(config)?.[1];
  if (configured) return configured;
  return places.map(place => /(?:lib)?python(\d\.\d+)(?:[./]|$)/.exec(place)?.[1]).find(Boolean);
}

const nodeVersions = new Map<string, string | undefined>();

function nodeVersion(process: ProcessFacts): string | undefined {
  const executable = process.executable;
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
