/** Puts the Python SDK for one interpreter into the cache, for images and machines without network. */
import path from 'node:path';
import { Flags } from '@oclif/core';
import { OwnCommand } from '../../cli/own-command.js';
import { refuseWords } from '../../cli/own-words.js';
import { write } from '../../cli/say.js';
import { EXIT_STATUS } from '../../errors.js';
import { PACKAGE_FOLDER } from '../../machine/package-folder.js';
import { withProgress } from '../../report/progress.js';
import { ensurePythonSdk } from '../../setup/python.js';

export default class SetupPython extends OwnCommand {
  static override readonly summary = "put OpenLIT's Python SDK for one interpreter into the cache";
  static override readonly description =
    'The first launch of a Python program does the same. Do it ahead in an image or before the network is cut. ' +
    'Nothing is installed into your environment: the copy lies in our cache and only our own code can import it.';
  static override readonly examples = [
    '<%= config.bin %> setup python',
    '<%= config.bin %> setup python --python .venv/bin/python',
    '<%= config.bin %> setup python --offline ./wheels',
  ];
  static override readonly flags = {
    python: Flags.string({ summary: 'the interpreter', default: 'python3', helpValue: 'PATH' }),
    offline: Flags.string({ summary: 'install from a folder of wheels, fetch nothing', helpValue: 'DIR' }),
    json: Flags.boolean({ summary: 'say where the copy is as JSON on stdout' }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('setup python', words.words);
    const { flags } = await this.parse(SetupPython, [...words.flags]);
    const bootstrap = path.join(PACKAGE_FOLDER, 'dist', 'bootstrap', 'python');
    const python = flags.python.includes('/') ? path.resolve(flags.python) : flags.python;
    const sdk = await withProgress(
      `Looking at ${flags.python}`,
      onStep =>
        ensurePythonSdk({
          python,
          bootstrap,
          onStep,
          ...(flags.offline === undefined ? {} : { offline: flags.offline }),
        }),
      done =>
        done.created
          ? `OpenLIT's SDK for Python ${done.version} is ready (installed with ${done.installer}): ${done.folder}`
          : `OpenLIT's SDK for Python ${done.version} was ready: ${done.folder}`,
    );
    if (flags.json) write(1, `${JSON.stringify(sdk)}\n`);
    return EXIT_STATUS.done;
  }
}
