/** The picker of `attach` without a selector: what `ps` found, numbered, on stderr. */
import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import { discover } from '../discovery/discover.js';
import { attachable } from '../discovery/newcomers.js';
import { createTlsInspector } from '../discovery/tls.js';
import { Problem } from '../errors.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { renderChoices } from '../report/process-table.js';
import { HOST_NAMES, providerOfName } from '../wire/providers/recognize/hosts.js';

/**
 * The chosen pids; none when the person left; undefined where nobody can be asked. Throws a `Problem` when there is
 * nothing to choose from. Processes that an SDK observes are offered only with `force`.
 */
export async function pickProcesses(force: boolean): Promise<number[] | undefined> {
  if (!isatty(0) || !isatty(2)) return undefined;
  const { processes } = await discover({
    providerOf: providerOfName,
    knownHosts: HOST_NAMES,
    inspectTls: createTlsInspector(),
    force,
  });
  const offered = attachable(processes);
  // What is seen to talk to a model stands first.
  const choices = [...offered.filter(({ evident }) => evident), ...offered.filter(({ evident }) => !evident)];
  if (choices.length === 0)
    throw new Problem({
      code: 'NO_TARGET',
      message: 'no process that talks, or can talk, to an LLM can be attached to',
      fixes: ['openlit-instrument ps --all', 'openlit-instrument attach --pid PID', 'openlit-instrument attach --all'],
    });
  const output = openOutput(2);
  output.write(`${renderChoices(choices, createPalette(output.colour), output.columns()).join('\n')}\n`);
  const numbers = await ask(choices.length);
  return numbers.map(number => choices[number - 1]!.pid);
}

/** `1,3 5-7` or `all` -> numbers from 1 to `most`, once each; undefined for anything else. Exported for tests. */
export function parseChoice(text: string, most: number): number[] | undefined {
  if (text.trim().toLowerCase() === 'all') return Array.from({ length: most }, (_, index) => index + 1);
  const chosen = new Set<number>();
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to <= most)) return undefined;
    for (let number = from; number <= to; number++) chosen.add(number);
  }
  return [...chosen];
}

function ask(most: number): Promise<number[]> {
  return new Promise(resolve => {
    const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
    let chosen: number[] = [];
    reader.setPrompt('Which processes? (1,3 / 2-4 / all; Enter to cancel) ');
    reader.on('line', line => {
      const numbers = parseChoice(line, most);
      if (numbers) {
        chosen = numbers;
        reader.close();
        return;
      }
      process.stderr.write(`Enter numbers from 1 to ${most}.\n`);
      reader.prompt();
    });
    reader.on('SIGINT', () => {
      process.stderr.write('\n');
      reader.close();
    });
    reader.on('close', () => resolve(chosen));
    reader.prompt();
  });
}
