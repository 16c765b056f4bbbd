/** The page over kept calls: for `ui`, and beside a program (`run --ui`, `attach --ui`). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
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

/** Listens on loopback. @throws Problem where the port is taken */
export async function openPage({ port, actions, notice }: PageOptions): Promise<Ui> {
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
    async close() {
      await services.close();
      await ui.close();
    },
  };
}
