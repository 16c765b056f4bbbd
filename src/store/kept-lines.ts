/** The lines of a kept run: the first says whose it is, each further one is a call or a step. Programs may rely on them: keys are added, never renamed. */
import { crc32 } from 'node:zlib';

export interface RunFacts {
  /** Name of the program without its arguments: those may hold secrets. */
  readonly program: string;
  /** Of the command that kept the calls. */
  readonly pid: number;
  /** ISO 8601. */
  readonly started: string;
  /** How the calls were observed; absent in runs of version 0.1. */
  readonly way?: 'run' | 'attach';
}

/** One kept call; the stable form of a call (`id, pid, attributes, start, first_chunk, end, partial, cost`) and its place in the trace. */
export interface StoredCall {
  readonly id: string;
  readonly pid?: number;
  /** Name of the program that called. */
  readonly process?: string;
  readonly role?: 'server';
  readonly attributes: Readonly<Record<string, unknown>> | null;
  /** Unix nanoseconds as strings. */
  readonly start?: string;
  readonly first_chunk?: string;
  readonly end?: string;
  readonly partial: readonly string[];
  readonly cost?: { readonly amount: number; readonly currency: string; readonly source?: string };
  /** With content on. */
  readonly output_text?: string;
  readonly tool_calls?: readonly (readonly [name: string, argumentsText: string])[];
  readonly error_message?: string;
  readonly trace_id: string;
  readonly parent_id?: string;
  /** Id of an earlier line: the same call, seen at another place. */
  readonly same_as?: string;
}

/** A step of a trace that is no call: an agent, a tool, a chain. */
export interface StoredSpan {
  readonly kind: 'span';
  readonly id: string;
  readonly trace_id: string;
  readonly parent_id?: string;
  readonly name: string;
  readonly pid?: number;
  readonly process?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly start: string;
  readonly end: string;
  /** Absent: it did not fail. */
  readonly status?: 'error';
  /** With content on. */
  readonly error_message?: string;
}

export type StoredLine = StoredCall | StoredSpan;

/** The first line of a file. */
export interface RunHead {
  readonly version: 1;
  readonly run: RunFacts;
}

export const isSpanLine = (line: StoredLine): line is StoredSpan => (line as StoredSpan).kind === 'span';

/** `2026-01-02T030405.678Z-99.ndjson`; a run that grew large goes on in `…-99.1.ndjson`. */
export function fileName({ started, pid }: Pick<RunFacts, 'started' | 'pid'>, part = 0): string {
  return `${started.replaceAll(':', '')}-${pid}${part === 0 ? '' : `.${part}`}.ndjson`;
}

export interface NameFacts {
  readonly started: string;
  readonly pid: number;
  readonly part: number;
  /** Of the run: its files share it. */
  readonly run: string;
}

/** What a file's name says; undefined where it is no run of ours. */
export function parseFileName(name: string): NameFacts | undefined {
  const match = /^((\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\d\.\d{3}Z)-(\d+))(?:\.(\d+))?\.ndjson$/.exec(name);
  if (match === null) return undefined;
  const [, run = '', hour, minute, rest, pid, part = '0'] = match;
  return { started: `${hour}:${minute}:${rest}`, pid: Number(pid), part: Number(part), run };
}

const ID_DIGITS = 5;

/** The short name of a run, for people: `r` and five letters or digits. No id of a call begins so. */
export function runId(key: string): string {
  return `r${(crc32(key) % 36 ** ID_DIGITS).toString(36).padStart(ID_DIGITS, '0')}`;
}
