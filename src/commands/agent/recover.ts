/** A person says that a rolled back or failed workload may be tried again. */
import { AGENT_PLACES } from '../../cli/agent-places.js';
import { OwnCommand } from '../../cli/own-command.js';
import { say } from '../../cli/say.js';
import { EXIT_STATUS, fileReason, Problem } from '../../errors.js';
import { agentPlaces } from '../../runs/agent/places.js';
import { askToRecover } from '../../runs/agent/recover.js';

export default class AgentRecover extends OwnCommand {
  static override readonly summary = 'let the agent try a rolled back or failed workload again';
  static override readonly usage = ['agent recover [OPTIONS] WORKLOAD…'];
  static override readonly description =
    'Forgets what holds the workload back: a rollback, a failure for good, a restart that was used up, an unclear end. What is asked for stays. A running agent takes it up at its next look; else the next agent does.';
  static override readonly examples = ['sudo <%= config.bin %> agent recover linux:systemd:myapp.service'];
  static override readonly flags = { ...AGENT_PLACES };

  override async work(): Promise<number> {
    const { flags: typed, words } = this.readWords();
    const { flags } = await this.parse(AgentRecover, [...typed]);
    if (words.length === 0)
      throw new Problem({
        code: 'NO_WORKLOAD',
        message: 'no workload named',
        fixes: ['openlit-instrument agent status'],
        exit: EXIT_STATUS.usage,
      });
    const places = agentPlaces(
      { state: flags['state-dir'], run: flags['run-dir'] },
      process.env,
      process.getuid?.() === 0,
    );
    try {
      for (const workload of words) askToRecover(places.state, workload);
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem({
        code: 'AGENT_FOLDER',
        message: `the agent's folder ${places.state} cannot be written`,
        reason: fileReason(error),
        fixes: ['sudo openlit-instrument agent recover …'],
      });
    }
    say(`${words.join(', ')}: the agent tries again at its next look`);
    return EXIT_STATUS.done;
  }
}
