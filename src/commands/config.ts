/** The resolved settings, each with where it came from. */
import { Command, Flags } from '@oclif/core';
import { redactCredentials } from '../calls/redact.js';
import { redactRecord } from '../calls/redact-value.js';
import { say, write } from '../cli/say.js';
import { describeSettings, formatSettings } from '../config/describe.js';
import { findFlag } from '../config/flags.js';
import { loadSettings, reportProblem } from '../runs/launch.js';

export default class Config extends Command {
  static override readonly summary = 'print the settings that hold here, each with where it came from';
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

  override async run(): Promise<void> {
    try {
      const { flags } = await this.parse(Config);
      const given =
        flags.config === undefined ? [] : [{ row: findFlag('config')!, value: flags.config, typed: '--config' }];
      const loaded = await loadSettings(given);
      const described = redactRecord(describeSettings(loaded, flags.all || flags.json), redactCredentials);
      write(1, `${flags.json ? JSON.stringify(described, null, 2) : formatSettings(described)}\n`);
      for (const note of loaded.notes) say(note);
    } catch (error) {
      process.exitCode = reportProblem(error);
    }
  }
}
