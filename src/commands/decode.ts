/** Recorded exchanges to LLM calls, without a kernel. */
import { Args, Flags } from '@oclif/core';
import { createCostCalculator } from '../calls/cost.js';
import { loadPrices } from '../calls/load-prices.js';
import { loadSettings } from '../cli/load-settings.js';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { isStdoutOver, say, write } from '../cli/say.js';
import { findFlag, type GivenFlag } from '../config/flags.js';
import { parseText } from '../config/values.js';
import { decodeInput } from '../decode/decode.js';
import { openInput } from '../decode/input.js';
import { EXIT_STATUS, formatProblem, Problem } from '../errors.js';
import { telemetrySettings } from '../telemetry/resolved-settings.js';

export default class Decode extends OwnCommand {
  static override readonly summary = 'decode recorded HTTP traffic (HAR, NDJSON) to LLM calls';
  static override readonly usage = ['decode [OPTIONS] [FILE|-]'];
  static override readonly description =
    'Reads exchanges (one JSON object a line), what attach recorded, a kept run, or HAR, recognised by their content, gzipped or not. Prints one JSON line for every exchange: its attributes under the conventions\' names, or "attributes":null where it is no LLM call. Content is left out unless asked for.';
  static override readonly examples = [
    '<%= config.bin %> decode exchanges.ndjson.gz',
    '<%= config.bin %> decode browser.har --capture-content',
    '<%= config.bin %> attach --pid 4242 --format exchanges --bodies | <%= config.bin %> decode -',
  ];
  static override readonly args = {
    file: Args.string({ description: 'file to read; - is standard input', default: '-', ignoreStdin: true }),
  };
  static override readonly flags = {
    'capture-content': Flags.string({
      summary: 'include messages, output_text and tool_calls (they may hold secrets)',
      helpValue: '[off|span|event|both]',
    }),
    'pricing-file': Flags.string({ summary: "prices in OpenLIT's format", helpValue: 'FILE' }),
    config: Flags.string({ summary: 'read this configuration file instead of looking for one', helpValue: 'FILE' }),
  };

  override async work(): Promise<number> {
    const { flags: typed, words } = this.readWords();
    const [file = '-', ...more] = words;
    refuseWords('decode', more);
    const { flags } = await this.parse(Decode, [...typed]);
    const given: GivenFlag[] = [];
    if (flags.config !== undefined) given.push({ row: findFlag('config')!, value: flags.config, typed: '--config' });
    if (flags['pricing-file'] !== undefined) {
      given.push({ row: findFlag('pricing-file')!, value: flags['pricing-file'], typed: '--pricing-file' });
    }
    const { settings } = await loadSettings(given);
    // Only the flag of this very command lets content out: a variable that was set for programs must not.
    const capture = readContent(flags['capture-content']);
    const telemetry = telemetrySettings({ ...settings, captureContent: capture }, process.env);
    for (const warning of telemetry.warnings) say(warning);
    const name = file === '-' ? 'standard input' : file;
    if (file === '-' && process.stdin.isTTY) say('reads exchanges from the terminal; Ctrl-D ends them');
    let failed = false;
    await decodeInput(await openInput(file, name), {
      name,
      render: { generation: telemetry.generation, content: telemetry.content, emitEvent: false },
      costOf: createCostCalculator({
        loadPrices,
        ...(telemetry.pricingFile === undefined ? {} : { pricingFile: telemetry.pricingFile }),
      }),
      onLine(line) {
        // Waits where the reader is slower than we are, so that memory stays constant.
        write(1, `${JSON.stringify(line)}\n`);
        if (isStdoutOver()) process.exit(EXIT_STATUS.done);
      },
      onError: problem => {
        failed = true;
        write(2, `${formatProblem(problem)}\n`);
      },
    });
    return failed ? EXIT_STATUS.failed : EXIT_STATUS.done;
  }
}

/** One line has room for all: any of the choices that record means the same. */
function readContent(given: string | undefined): 'off' | 'span' {
  if (given === undefined) return 'off';
  const row = findFlag('capture-content')!;
  const parsed = parseText(row, given);
  if (parsed.ok) return parsed.value === 'off' ? 'off' : 'span';
  throw new Problem({
    code: 'BAD_VALUE',
    message: `--capture-content does not accept ${JSON.stringify(given)}`,
    reason: `allowed: ${parsed.allowed}`,
    exit: EXIT_STATUS.usage,
  });
}
