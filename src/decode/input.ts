/** What a file is, told by its first bytes; a name proves nothing, and standard input has none. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EXIT_STATUS, fileReason, Problem } from '../errors.js';
import { isRecording, RECORDING_MAGIC } from '../wire/transport/recording.js';
import { KEPT_RUN_HEAD } from './kept-run.js';

export type InputKind = 'exchanges' | 'har' | 'recording' | 'run';

export interface Input {
  readonly kind: InputKind;
  /** After gunzip. Errors of the source surface while it is read. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Where the file lies; none for standard input. */
  readonly folder?: string;
}

/** Bytes that suffice to tell the kinds apart, white space included. */
const LOOK = 4096;

/** @param file a path, or `-` @param name what errors call it */
export async function openInput(file: string, name: string): Promise<Input> {
  const source: Readable = file === '-' ? process.stdin : createReadStream(file);
  try {
    const raw = await peek(source, 2);
    const bytes = isGzip(raw.head) ? await peek(gunzip(raw.rest), LOOK) : await peek(raw.rest, LOOK);
    const folder = file === '-' ? {} : { folder: path.dirname(path.resolve(file)) };
    return { kind: kindOf(bytes.head, name), bytes: bytes.rest, ...folder };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw inputProblem(name, error);
  }
}

export function inputProblem(name: string, error: unknown): Problem {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    Z_DATA_ERROR: 'its gzip data is damaged',
    Z_BUF_ERROR: 'its gzip data is cut off',
  };
  return new Problem({
    code: 'INPUT',
    message: `${name} cannot be read`,
    reason: reasons[code ?? ''] ?? fileReason(error),
    exit: code === 'ENOENT' ? EXIT_STATUS.usage : EXIT_STATUS.failed,
  });
}

function kindOf(head: Buffer, name: string): InputKind {
  if (isRecording(head)) return 'recording';
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (/^\{\s*"log"\s*:/.test(text)) return 'har';
  if (KEPT_RUN_HEAD.test(text)) return 'run';
  if (text === '' || text.startsWith('{')) return 'exchanges';
  throw new Problem({
    code: 'INPUT',
    message: `${name}: unrecognised format`,
    reason: `allowed: exchanges (one JSON object a line), HAR, a kept run, or records (${JSON.stringify(RECORDING_MAGIC.trim())}), also gzipped`,
    fixes: ['openlit-instrument attach --pid PID --format exchanges --bodies > exchanges.ndjson'],
    exit: EXIT_STATUS.usage,
  });
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

function gunzip(source: AsyncIterable<Buffer>): Readable {
  const output = new PassThrough();
  // An error destroys the output with it, so that the reader sees it.
  pipeline(source, createGunzip(), output).catch(error => output.destroy(error as Error));
  return output;
}

/** The first bytes (fewer only at the end of the source), and an iterable that still has them. */
async function peek(
  source: AsyncIterable<Buffer>,
  length: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let size = 0;
  while (size < length) {
    const next = await iterator.next();
    if (next.done) break;
    seen.push(next.value);
    size += next.value.length;
  }
  async function* rest() {
    yield* seen;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { head: Buffer.concat(seen), rest: rest() };
}
