/** Serves the page over the kept calls, until Ctrl-C. */
import { isatty } from 'node:tty';
import { Flags } from '@oclif/core';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { say, write } from '../cli/say.js';
import { EXIT_STATUS } from '../errors.js';
import { openPage } from '../runs/ui.js';

export default class UiCommand extends OwnCommand {
  static override readonly summary = 'look at the kept calls in a browser, live';
  static override readonly description =
    `Serves a page on 127.0.0.1 and prints its address; on a terminal it also opens it. The address holds a token: who has it can read
your calls. Nothing is fetched from elsewhere. Ends with Ctrl-C.`;
  static override readonly examples = [
    '<%= config.bin %> ui',
    '<%= config.bin %> ui --port 7777 --no-open',
    'sudo <%= config.bin %> ui --allow-actions',
  ];
  static override readonly flags = {
    port: Flags.integer({ summary: 'listen on this port; 0 takes a free one', default: 0, min: 0, max: 65_535 }),
    open: Flags.boolean({ summary: 'open the page in a browser (only on a terminal)', default: true, allowNo: true }),
    'allow-actions': Flags.boolean({ summary: 'let the page start attach on a process; it shows the command first' }),
    json: Flags.boolean({ summary: 'print the address as one line of JSON' }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('ui', words.words);
    const { flags } = await this.parse(UiCommand, [...words.flags]);
    const stopped = new Promise<void>(resolve => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    const ui = await openPage({ port: flags.port, actions: flags['allow-actions'], notice: say });
    const { url, port } = ui;
    write(1, flags.json ? `${JSON.stringify({ url, port, pid: process.pid })}\n` : `${url}\n`);
    if (!flags.json) say('Ctrl-C ends the page');
    if (flags.open && !flags.json && isatty(1)) ui.openInBrowser();
    await stopped;
    await ui.close();
    return EXIT_STATUS.done;
  }
}
