/** The resolved settings, each with where it came from. */
import { Flags } from '@oclif/core';
import { redactCredentials } from '../calls/redact.js';
import { redactRecord } from '../calls/redact-value.js';
import { checkSettings } from '../cli/load-settings.js';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { reportProblem } from '../cli/report-problem.js';
import { say, write } from '../cli/say.js';
import { describeSettings, formatSettings } from '../config/describe.js';
import { findFlag } from '../config/flags.js';
import { EXIT_STATUS } from '../errors.js';

export default class Config extends OwnCommand {
  static override readonly summary = 'show effective settings, each with its source';
  static override readonly description =
    'Sources, the strongest first: flags, environment, the nearest openlit.yml (or .yaml, .json, package.json#openlit) from here upwards, defaults. Credentials are masked.';
  static override readonly examples = ['<%= config.bin %> config', '<%= config.bin %> config --json'];
  static override readonly flags = {
    config: Flags.string({ summary: 'read this file instead of looking for one', helpValue: 'FILE' }),
    all: Flags.boolean({
      char: 'a',
      summary: 'also the settings that nobody has set, with the names they can be set by',
    }),
    json: Flags.boolean({ summary: 'as JSON' }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('config', words.words);
    const { flags } = await this.parse(Config, [...words.flags]);
    const given =
      flags.config === undefined ? [] : [{ row: findFlag('config')!, value: flags.config, typed: '--config' }];
    // What is right is shown, also where something is wrong: this is where people look then.
    const { loaded, problems } = await checkSettings(given);
    const described = redactRecord(describeSettings(loaded, flags.all || flags.json), redactCredentials);
    write(1, `${flags.json ? JSON.stringify(described, null, 2) : formatSettings(described)}\n`);
    for (const note of loaded.notes) say(note);
    return problems.map(reportProblem).at(-1) ?? EXIT_STATUS.done;
  }
}
