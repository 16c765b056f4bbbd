/** Programs beside us that nobody waits for: one that opens an address, and a command of ours whose lines are read. */
import { execa } from 'execa';

/** Opens an address in the person's browser, where there is one. Never fails: the address was printed. */
export function openInBrowser(address: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = execa(opener, [address], { stdio: 'ignore', detached: true, cleanup: false, reject: false });
  child.unref();
  child.catch(() => {});
}

export interface Background {
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
}

/**
 * Starts a program whose stderr is read by lines.
 * @param onEnd told once, with the exit status where there is one
 */
export function startBackground(
  file: string,
  words: readonly string[],
  onLine: (line: string) => void,
  onEnd: (status: number | undefined) => void,
): Background {
  const child = execa(file, words, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // Its way to end children ends us by the signal that we have just taken; `stop` ends this one.
    cleanup: false,
  });
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
  const ended = child.then(({ exitCode }) => onEnd(exitCode));
  return {
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
