/** Files beside an archive, where tools keep its bodies: only those of the archive's own folder, whatever a name says. */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';

/** More than any answer of a model; a larger file is something else. */
const LARGEST = 64 * 1024 * 1024;

/**
 * @param folder of the archive; undefined: it came from a pipe
 * @throws Error whose message names the file and why it was not read
 */
export async function readBeside(folder: string | undefined, name: string): Promise<Buffer> {
  const not = (why: string) => new Error(`body ${JSON.stringify(name)} was not read: ${why}`);
  if (folder === undefined) throw not('an archive from standard input has no folder');
  const whole = await realpath(path.resolve(folder, name)).catch(() => undefined);
  if (whole === undefined) throw not('there is no such file beside the archive');
  // Links are followed before this is asked, so that none leads out.
  const inside = path.relative(await realpath(folder), whole);
  if (inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside))
    throw not("it is outside the archive's folder");
  // A pipe would wait for a writer.
  const file = await open(whole, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) throw not('it may not be read');
  try {
    const { size, isFile } = await file.stat().then(stat => ({ size: stat.size, isFile: stat.isFile() }));
    if (!isFile) throw not('it is no file');
    if (size > LARGEST) throw not(`it is larger than ${LARGEST / 1024 / 1024} MiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
