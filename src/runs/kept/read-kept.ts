/** The kept runs of this user, read once. */
import { Problem } from '../../errors.js';
import { runId } from '../../store/kept-lines.js';
import { openReader, type Reader } from '../../store/reader.js';
import { listRunFiles, runsFolder } from '../../store/runs-folder.js';

/** @param only which runs are read; default: all @throws Problem where the folder cannot be read */
export async function readKept(only?: (run: { readonly key: string }) => boolean): Promise<Reader> {
  const reader = openReader(only === undefined ? {} : { only });
  try {
    await reader.read();
  } catch (error) {
    throw new Problem({
      code: 'RUNS_FOLDER',
      message: `${reader.folder} cannot be read`,
      reason: (error as NodeJS.ErrnoException).code ?? (error as Error).message,
    });
  }
  return reader;
}

/** What has to be read to find what a word means: one run where that is one, else all of them. */
export async function readFor(word: string): Promise<Reader> {
  const wanted = word === 'last' ? await lastRun() : word.startsWith('r') ? word : undefined;
  if (wanted === undefined) return await readKept();
  const reader = await readKept(({ key }) => key === wanted || runId(key).startsWith(wanted));
  const found = reader.runs.some(({ calls, spans }) => calls + spans > 0);
  return found ? reader : await readKept();
}

async function lastRun(): Promise<string | undefined> {
  const files = await listRunFiles(runsFolder()).catch(() => []);
  return files.at(-1)?.run;
}
