/** The page over kept calls: for `ui`, and beside a program (`run --ui`, `attach --ui`). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isatty } from 'node:tty';
import { write } from '../cli/say.js';
import { EXIT_STATUS, Problem } from '../errors.js';
import { PACKAGE_FOLDER } from '../machine/package-folder.js';
import { serveUi, type Ui } from '../ui/server/server.js';
import { processServices } from './ui-processes.js';

export interface PageOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly actions: boolean;
  readonly notice: (line: string) => void;
}

export interface Page extends Ui {
  /** Where a person is; never fails. */
  openInBrowser(): void;
}

/** Listens on loopback. @throws Problem where the port is taken */
export async function openPage({ port, actions, notice }: PageOptions): Promise<Page> {
  const services = processServices(actions);
  const { version } = JSON.parse(readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as {
    version: string;
  };
  const page = path.join(PACKAGE_FOLDER, 'dist', 'ui', 'page');
  const ui = await serveUi({ port, page, version, services, notice }).catch((error: NodeJS.ErrnoException) => {
    throw new Problem({
      code: 'UI_PORT',
      message: port === 0 ? 'the page cannot be served' : `port ${port} cannot be used`,
      reason: error.code === 'EADDRINUSE' ? 'another program listens there' : error.message,
      fixes: ['openlit-instrument ui --port 0'],
      exit: EXIT_STATUS.failed,
    });
  });
  return {
    port: ui.port,
    url: ui.url,
    openInBrowser: () =>
      void import('../machine/exec/background.js').then(({ openInBrowser }) => openInBrowser(ui.url)).catch(() => {}),
    async close() {
      await services.close();
      await ui.close();
    },
  };
}

/** The page beside a program. */
export interface PageBeside {
  /**
   * After the program's end: on a terminal the page stays until Ctrl-C, because most programs are over before anyone has
   * looked; in a pipe it ends at once, because whoever started us waits for us.
   */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Prints the address, and opens it where a person is.
 * @returns undefined where there can be no page: the program runs all the same
 */
export async function openPageBeside(notice: (line: string) => void): Promise<PageBeside | undefined> {
  let ui: Page;
  try {
    ui = await openPage({ port: 0, actions: false, notice });
  } catch (error) {
    notice(`--ui has no page: ${(error as Problem).reason ?? (error as Error).message}`);
    return undefined;
  }
  const watched = isatty(2);
  // Not through `notice`, which takes out credentials: the address is one, and for who started us.
  write(2, `openlit-instrument: page: ${ui.url}\n`);
  if (watched) ui.openInBrowser();
  return {
    async finish() {
      if (watched) {
        const stopped = new Promise<void>(resolve => {
          for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
        });
        notice('the program has ended; the page stays until Ctrl-C');
        await stopped;
      }
      await ui.close();
    },
    close: ui.close,
  };
}
