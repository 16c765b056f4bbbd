/** A browser for tests of the page: Chromium of this machine, what it complains about, and pictures where they are asked for. */
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Folder for pictures of each step, to be looked at. */
const PICTURES = process.env['UI_SCREENSHOTS'];

/** The first Chromium in PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // the next one
      }
    }
  }
  return undefined;
}

export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox'] });

export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console, and of scripts. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly requests: string[];
  picture(name: string): Promise<void>;
  /** What axe finds that is serious or worse, as lines. */
  faults(): Promise<string[]>;
  close(): Promise<void>;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

export async function watch(browser: Browser, { width, scheme }: Look): Promise<Watched> {
  const height = width < 600 ? 844 : 900;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  // A machine that is shared is slow; what is not there after this is not there.
  page.setDefaultTimeout(12_000);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error.stack)));
  page.on('request', request => requests.push(request.url()));
  return {
    page,
    complaints,
    requests,
    async picture(name) {
      if (PICTURES === undefined) return;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: path.join(PICTURES, `${width}-${scheme}-${name}.png`) });
    },
    async faults() {
      // Evaluated by the debugger: the page's policy lets no script in.
      await page.evaluate(AXE);
      const { violations } = (await page.evaluate('axe.run()')) as AxeResult;
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
        );
    },
    close: () => context.close(),
  };
}
