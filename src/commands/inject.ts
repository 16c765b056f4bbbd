/** Puts the hook into one workload by hand, or takes it back: what the agent does by itself for many. */
import { Flags } from '@oclif/core';
import { redactCredentials } from '../calls/redact.js';
import { redactRecord } from '../calls/redact-value.js';
import { loadSettings } from '../cli/load-settings.js';
import { OwnCommand } from '../cli/own-command.js';
import { say, write } from '../cli/say.js';
import { givenFlags, SETTING_FLAGS } from '../cli/setting-flags.js';
import { VARIABLES } from '../config/variables.js';
import { EXIT_STATUS, Problem } from '../errors.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { renderPlan } from '../report/planned-changes.js';
import { INJECTABLE, type InjectKind, targetFor } from '../runs/inject.js';
import type { DeedResult, Plan } from '../targets/target.js';

export default class Inject extends OwnCommand {
  static override readonly summary = 'put the hook into a service or container; --undo takes it back';
  static override readonly description =
    'The workload is restarted once, watched, and put back as it was if it does not come up. --dry-run shows every change and touches nothing. docs/inject.md says which rights it needs, and why.';
  static override readonly usage = [
    'inject systemd UNIT [OPTIONS]',
    'inject docker|podman NAME [OPTIONS]',
    'inject k8s KIND/NAME [-n NAMESPACE] [OPTIONS]',
  ];
  static override readonly examples = [
    'sudo <%= config.bin %> inject systemd app.service --dry-run',
    'sudo <%= config.bin %> inject systemd app.service --endpoint http://localhost:4318',
    '<%= config.bin %> inject docker web',
    '<%= config.bin %> inject docker web --undo',
  ];
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'show every change, and do nothing' }),
    undo: Flags.boolean({ summary: 'take the hook back' }),
    restart: Flags.boolean({ summary: 'restart it now, so that the hook is used', default: true, allowNo: true }),
    user: Flags.boolean({ summary: 'systemd: a unit of your own manager (systemctl --user)' }),
    namespace: Flags.string({ char: 'n', summary: 'Kubernetes: its namespace', helpValue: 'NAMESPACE' }),
    config: Flags.string({ summary: 'settings file', helpValue: 'FILE' }),
    json: Flags.boolean({ summary: 'what would be changed, or what was done, as JSON' }),
    ...SETTING_FLAGS,
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    const { flags } = await this.parse(Inject, [...words.flags]);
    const [kind, name] = wordsOf(words.words);
    // The names of this shell's own service are not the workload's.
    const { [VARIABLES.serviceName]: _name, [VARIABLES.resourceAttributes]: _attributes, ...env } = process.env;
    const loaded = await loadSettings(givenFlags(flags), env);
    for (const note of loaded.notes) say(note);
    const { user, namespace } = flags;
    const { target, key } = targetFor(kind, name, { loaded, env, user, ...(namespace !== undefined && { namespace }) });
    const deed = flags.undo ? 'undo' : 'inject';
    const plan = await target.plan(key, deed, { restart: flags.restart });
    if (!plan.possible) {
      if (flags.json) writeJson({ workload: key, deed, ...plan });
      else throw refusal(name, plan.because, plan.fix);
      return EXIT_STATUS.failed;
    }
    if (flags['dry-run']) {
      if (flags.json) writeJson({ workload: key, deed, ...plan });
      else show(plan);
      return EXIT_STATUS.done;
    }
    const result = await target.act(key, deed, { restart: flags.restart });
    if (flags.json) writeJson({ workload: key, deed, ...result, notes: plan.notes });
    else report(name, deed, result, plan);
    return result.outcome === 'done' ? EXIT_STATUS.done : EXIT_STATUS.failed;
  }
}

function wordsOf([kind, name, ...rest]: readonly string[]): [InjectKind, string] {
  const known = INJECTABLE.find(each => each === kind);
  if (known !== undefined && name !== undefined && rest.length === 0) return [known, name];
  throw new Problem({
    code: 'INJECT_WHAT',
    message: known === undefined ? 'inject needs to know what' : `inject ${known} needs one name`,
    reason: `one of: ${INJECTABLE.join(', ')}, and a name`,
    fixes: ['openlit-instrument inject systemd app.service --dry-run', 'openlit-instrument inject --help'],
    exit: EXIT_STATUS.usage,
  });
}

function refusal(name: string, reason: string, fix: string | undefined): Problem {
  return new Problem({
    code: 'INJECT_REFUSED',
    message: `${name} is left as it is`,
    reason: redactCredentials(reason),
    ...(fix !== undefined && { fixes: [fix] }),
    exit: EXIT_STATUS.failed,
  });
}

const writeJson = (document: object): void =>
  write(1, `${JSON.stringify(redactRecord({ ...document }, redactCredentials), null, 2)}\n`);

function show(plan: Plan): void {
  const output = openOutput(1);
  const lines = renderPlan(plan, createPalette(output.colour));
  output.write(`${lines.map(redactCredentials).join('\n')}\n`);
}

function report(name: string, deed: 'inject' | 'undo', { outcome, restarted, reason }: DeedResult, plan: Plan): void {
  for (const note of plan.notes) say(note);
  const done = deed === 'inject' ? 'has the hook' : 'is as before';
  const how = restarted ? ', restarted' : ', not restarted';
  if (outcome === 'done') say(`${name} ${done}${plan.changes.length === 0 ? '' : how}`);
  else say(`${name}: ${outcome}${reason === undefined ? '' : `: ${reason}`}`);
}
