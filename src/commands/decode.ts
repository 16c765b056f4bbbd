/** Recorded exchanges to LLM calls, without a kernel. */
import { Args, Command, Flags } from '@oclif/core';
import { createCostCalculator } from '../calls/cost.js';
import { loadPrices } from '../calls/load-prices.js';
import { isStdoutOver, say, write } from '../cli/say.js';
import { findFlag, type GivenFlag } from '../config/flags.js';
import { decodeInput } from '../decode/decode.js';
import { openInput } from '../decode/input.js';
import { EXIT_STATUS, formatProblem } from '../errors.js';
import { loadSettings, reportProblem } from '../runs/launch.js';
import { telemetrySettings } from '../telemetry/resolved-settings.js';

export default class Decode extends Command {
  static override readonly summary = 'recorded exchanges to LLM calls, without a kernel';
  static override readonly description =
    'Reads exchanges (one JSON object a line), what attach recorded, or HAR, told apart by their content, gzipped or not. Prints one JSON line for every exchange: its attributes under the conventions\' names, or "attributes":null where it is no LLM call. Content is left out unless asked for.';
  static override readonly examples = [
    '<%= config.bin %> decode exchanges.ndjson.gz',
    '<%= config.bin %> decode browser.har --capture-content',
    '<%= config.bin %> attach --pid 4242 --format exchanges --bodies | <%= config.bin %> decode -',
  ];
  static override readonly args = {
    file: Args.string({ description: 'file to read; - is standard input', default: '-', ignoreStdin: true }),
  };
  static override readonly flags = {
    'capture-content': Flags.boolean({ summary: 'messages, output_text and tool_calls too (they may hold secrets)' }),
    'pricing-file': Flags.string({ summary: "prices in OpenLIT's format", helpValue: 'FILE' }),
    config: Flags.string({ summary: 'read this configuration file instead of looking for one', helpValue: 'FILE' }),
  };

  override async run(): Promise<void> {
    try {
      process.exitCode = await this.#decode();
    } catch (error) {
      process.exitCode = reportProblem(error);
    }
  }

  async #decode(): Promise<number> {
    const { args, flags } = await this.parse(Decode);
    const given: GivenFlag[] = [];
    if (flags.config !== undefined) given.push({ row: findFlag('config')!, value: flags.config, typed: '--config' });
    if (flags['pricing-file'] !== undefined) {
      given.push({ row: findFlag('pricing-file')!, value: flags['pricing-file'], typed: '--pricing-file' });
    }
    const { settings } = await loadSettings(given);
    // Only the flag of this very command lets content out: a variable that was set for programs must not.
    const capture = flags['capture-content'] ? 'span' : 'off';
    const telemetry = telemetrySettings({ ...settings, captureContent: capture }, process.env);
    for (const warning of telemetry.warnings) say(warning);
    const name = args.file === '-' ? 'standard input' : args.file;
    if (args.file === '-' && process.stdin.isTTY) say('reads exchanges from the terminal; Ctrl-D ends them');
    let failed = false;
    await decodeInput(await openInput(args.file, name), {
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
