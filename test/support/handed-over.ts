/** What a Python program hands over besides bytes: its spans, and below which of them each request left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cleanEnvironment, type Run, run } from './launcher.js';
import { BOOTSTRAP, PROGRAMS } from './python-observed.js';

export interface HandedSpan {
  readonly scope: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface HandedOver extends Run {
  readonly spans: readonly HandedSpan[];
  /** Span ids that were noted before something below them was handed over. */
  readonly noted: ReadonlySet<string>;
  /** One line a span and request, indented below its parent; siblings in the order of their beginning. */
  readonly tree: string;
}

/** Runs a program of `python-programs` with our hook and an observer that only writes down. */
export async function handedOver(
  python: string,
  args: readonly string[],
  content = false,
  more: NodeJS.ProcessEnv = {},
): Promise<HandedOver> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'handed-over-'));
  const [socket, out] = [path.join(folder, 'socket'), path.join(folder, 'frames')];
  const observer = spawn('python3', [
    path.resolve(import.meta.dirname, 'tap-observer.py'),
    ...['--socket', socket, '--out', out],
  ]);
  try {
    await once(observer.stdout, 'data');
    const tap = JSON.stringify({ v: 1, socket, wait: true, content });
    const env = cleanEnvironment({
      PYTHONPATH: BOOTSTRAP,
      OPENLIT_INSTRUMENT_TAP: tap,
      LANGSMITH_TRACING: 'false',
      ...more,
    });
    const ran = await run([python, ...args], { cwd: PROGRAMS, env });
    return { ...ran, ...read(await whole(out)) };
  } finally {
    observer.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Frame {
  readonly kind: number;
  readonly time: string;
  readonly json?: Record<string, never>;
}

/** The observer writes while it reads: the program's last word has been written when `bye` is there. */
async function whole(file: string): Promise<Frame[]> {
  for (let tries = 0; ; tries++) {
    const frames = lines(file);
    if (frames.length === 0 || frames.some(({ kind }) => kind === 12) || tries > 100) return frames;
    await pause(20);
  }
}

function lines(file: string): Frame[] {
  try {
    const text = readFileSync(file, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Frame);
  } catch {
    return [];
  }
}

interface Row {
  readonly text: string;
  readonly start: bigint;
  readonly id: string | undefined;
  readonly parent: string | undefined;
}

function read(frames: readonly Frame[]): Pick<HandedOver, 'spans' | 'noted' | 'tree'> {
  const spans: HandedSpan[] = [];
  const noted = new Set<string>();
  const rows: Row[] = [];
  for (const { kind, time, json } of frames) {
    if (kind === 13) noted.add(json!['spanId']!);
    if (kind === 10) {
      const { attributes, ...span } = json!['span'] as {
        attributes: never[];
        name: string;
        startTimeUnixNano: string;
      } & HandedSpan;
      spans.push({ ...span, scope: json!['scope']!, attributes: Object.fromEntries(attributes.map(pair)) });
      rows.push({ text: span.name, start: BigInt(span.startTimeUnixNano), id: span.spanId, parent: span.parentSpanId });
    }
    if (kind === 3) {
      const parent = (json!['parent'] as { spanId?: string } | undefined)?.spanId;
      rows.push({ text: '> request', start: BigInt(time), id: undefined, parent });
    }
  }
  rows.sort((a, b) => (a.start < b.start ? -1 : 1));
  return { spans, noted, tree: below(undefined, rows, '').join('\n') };
}

function below(id: string | undefined, rows: readonly Row[], indent: string): string[] {
  const known = new Set(rows.map(row => row.id));
  return rows
    .filter(row => (row.parent !== undefined && known.has(row.parent) ? row.parent : undefined) === id)
    .flatMap(row => [`${indent}${row.text}`, ...(row.id === undefined ? [] : below(row.id, rows, `${indent}  `))]);
}

function pair({ key, value }: { key: string; value: Record<string, unknown> }): [string, unknown] {
  return [key, Object.values(value)[0]];
}
