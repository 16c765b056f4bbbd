/** The few files of a payload as a tar archive (POSIX ustar), for everybody to read. Pure. */
import { posix } from 'node:path';
import type { PayloadFile } from '../payload/payload.js';

const BLOCK = 512;

/** Folders come before what is in them. @throws Error for a name longer than the format takes */
export function tarOf(files: readonly PayloadFile[]): Buffer {
  const folders = new Set<string>();
  for (const { name } of files)
    for (let at = posix.dirname(name); at !== '.'; at = posix.dirname(at)) folders.add(`${at}/`);
  const none = Buffer.alloc(0);
  const entries = [
    ...[...folders].sort().map(name => ({ name, content: none, mode: '0000755', type: '5' })),
    ...files.map(({ name, content }) => ({ name, content, mode: '0000644', type: '0' })),
  ];
  const blocks = entries.flatMap(({ name, content, mode, type }) => [
    header(name, content.length, mode, type),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, size: number, mode: string, type: string): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long a name for an archive`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(`${mode}\0`, 100);
  // Owner and group: root. The time is 1970, so that the same payload is the same archive.
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
