/** What all our own commands share: words by our rules, errors in our form, and the exit status. */
import { Command } from '@oclif/core';
import { type OwnWords, readOwnWords } from './own-words.js';
import { reportProblem } from './report-problem.js';

export abstract class OwnCommand extends Command {
  /** oclif would answer a word that it does not expect with an error of its own. */
  static override readonly strict: boolean = false;

  /** Returns the exit status. @throws Problem */
  protected abstract work(): Promise<number>;

  override async run(): Promise<void> {
    try {
      process.exitCode = await this.work();
    } catch (error) {
      process.exitCode = reportProblem(error);
    }
  }

  /** The typed words of this command, for `this.parse`. @throws Problem (status 2) */
  protected readWords(stopAtWord = false): OwnWords {
    const { id = '', flags = {} } = this.ctor as { id?: string; flags?: object };
    return readOwnWords(id.replaceAll(':', ' '), this.argv, flags, stopAtWord);
  }
}
