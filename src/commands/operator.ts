/** Observes pods of a Kubernetes cluster at their admission, until it is stopped; made to run in a pod of the Helm chart. */
import { Flags } from '@oclif/core';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { say } from '../cli/say.js';
import { EXIT_STATUS, Problem } from '../errors.js';

export default class OperatorCommand extends OwnCommand {
  static override readonly summary = 'observe pods of a Kubernetes cluster from their start';
  static override readonly description =
    `Serves the webhook that adds our hooks to pods that ask for it by an annotation, and keeps the statuses of OpenlitInstrumentation
resources. Every pod is admitted, whatever happens. It runs in the cluster, installed by the Helm chart in deploy/chart.`;
  static override readonly examples = ['<%= config.bin %> operator --config /etc/openlit/operator.yml'];
  static override readonly flags = {
    config: Flags.string({ summary: 'settings of the operator (docs/operator.md)', helpValue: 'FILE' }),
    kubeconfig: Flags.string({
      summary: 'reach the cluster as this file says; in a pod it is known',
      helpValue: 'FILE',
    }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('operator', words.words);
    const { flags } = await this.parse(OperatorCommand, [...words.flags]);
    if (flags.config === undefined) throw noSettings();
    const stopped = new Promise<void>(resolve => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    const [{ readOperatorFile }, { runOperator }] = await Promise.all([
      import('../runs/operator/settings.js'),
      import('../runs/operator/run.js'),
    ]);
    const operator = await runOperator({
      file: readOperatorFile(flags.config),
      env: process.env,
      notice: say,
      ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    });
    say(`the operator answers at port ${operator.webhookPort}, and says how it is at port ${operator.healthPort}`);
    await stopped;
    await operator.close();
    return EXIT_STATUS.done;
  }
}

const noSettings = (): Problem =>
  new Problem({
    code: 'NO_SETTINGS',
    message: 'operator needs its settings: --config FILE',
    fixes: ['openlit-instrument operator --config FILE', 'openlit-instrument operator --help'],
    exit: EXIT_STATUS.usage,
  });
