/** Kept runs as tests need them. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { StoredCall, StoredLine, StoredSpan } from '../../src/store/kept-lines.js';
import { fileName } from '../../src/store/kept-lines.js';

export const RUN = { program: 'python3', pid: 99, started: '2026-01-02T03:04:05.678Z', way: 'run' } as const;
/** Unix milliseconds. */
export const START = Date.parse(RUN.started);

export const hex = (number: number, digits = 16) => number.toString(16).padStart(digits, '0');
export const nanos = (milliseconds: number) => String(BigInt(Math.round(milliseconds * 1000)) * 1000n);

export interface CallFacts {
  readonly id?: number;
  readonly model?: string;
  readonly provider?: string;
  /** Milliseconds after the start of the run. */
  readonly at?: number;
  /** Milliseconds. */
  readonly took?: number;
  readonly tokens?: readonly [input: number, output: number];
  readonly cost?: number;
  readonly error?: string;
  readonly session?: string;
  readonly trace?: number;
  readonly parent?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly more?: Partial<StoredCall>;
}

export function call({ id = 1, at = 0, took = 1000, trace = 1, parent, cost, ...facts }: CallFacts = {}): StoredCall {
  const { tokens, error, session, model = 'gpt-4o-mini', provider = 'openai' } = facts;
  return {
    id: hex(id),
    pid: 4242,
    process: 'python3',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      ...(session === undefined ? {} : { 'gen_ai.conversation.id': session }),
      ...(error === undefined ? { 'gen_ai.response.finish_reasons': ['stop'] } : { 'error.type': error }),
      ...(tokens && { 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1] }),
      ...facts.attributes,
    },
    start: nanos(START + at),
    end: nanos(START + at + took),
    partial: [],
    ...(cost === undefined ? {} : { cost: { amount: cost, currency: 'USD', source: 'computed' } }),
    trace_id: hex(trace, 32),
    ...(parent === undefined ? {} : { parent_id: hex(parent) }),
    ...facts.more,
  };
}

export function step(
  id: number,
  name: string,
  more: Partial<StoredSpan> & { at?: number; parent?: number } = {},
): StoredSpan {
  const { at = 0, parent, ...rest } = more;
  return {
    kind: 'span',
    id: hex(id),
    trace_id: hex(1, 32),
    ...(parent === undefined ? {} : { parent_id: hex(parent) }),
    name,
    attributes: { 'gen_ai.operation.name': name.split(' ')[0]! },
    start: nanos(START + at),
    end: nanos(START + at + 5000),
    ...rest,
  };
}

/** A folder of runs that is made on need, as ours is. */
export const newFolder = () => path.join(mkdtempSync(path.join(os.tmpdir(), 'openlit-kept-')), 'runs');

/** Appends lines to a run's file, its head first where it is new; returns the file. */
export function keep(
  folder: string,
  lines: readonly (StoredLine | string)[],
  run: Partial<typeof RUN> | object = {},
): string {
  const facts = { ...RUN, ...run };
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, fileName(facts));
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ version: 1, run: facts })}\n`);
  appendFileSync(file, lines.map(line => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''));
  return file;
}
