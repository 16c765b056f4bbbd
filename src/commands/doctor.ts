/** Checks every layer between a program and its telemetry, and names the one that fails. */
import { realpathSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { loadSettings } from '../cli/load-settings.js';
import { OwnCommand } from '../cli/own-command.js';
import { isProblem } from '../cli/report-problem.js';
import { givenFlags, SETTING_FLAGS } from '../cli/setting-flags.js';
import type { GivenFlag } from '../config/flags.js';
import type { Loaded } from '../config/load.js';
import { settingsToEnvironment } from '../config/to-environment.js';
import { VARIABLES } from '../config/variables.js';
import { checkAgent } from '../doctor/agent.js';
import { checkCollector } from '../doctor/collector.js';
import { checkCommand } from '../doctor/command.js';
import { createNotes, type Finding, type Notes } from '../doctor/finding.js';
import { checkProcess } from '../doctor/process.js';
import { checkProgram } from '../doctor/program.js';
import { checkSettings } from '../doctor/settings.js';
import { checkSystem } from '../doctor/system.js';
import { EXIT_STATUS, type Problem } from '../errors.js';
import { renderFindings } from '../report/findings.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { agentFacts } from '../runs/agent/doctor-facts.js';
import { agentPlaces } from '../runs/agent/places.js';
import { HOOKS, readable } from '../runs/launch.js';
import { otlpSettingsFromEnvironment } from '../telemetry/otlp/settings.js';

export default class Doctor extends OwnCommand {
  static override readonly summary = 'find out why no telemetry shows, layer by layer';
  static override readonly description =
    'Checks, in order: system (what attach needs), settings, collector (an empty OTLP request), program (its runtime is started once with the hook, the program itself is not), process (probes are set for a few seconds), agent (where one runs). Sends no content, changes nothing. Exit status 0 if everything works.';
  static override readonly usage = [
    'doctor [OPTIONS]',
    'doctor [OPTIONS] [--] PROGRAM [ARGUMENTS]',
    'doctor --pid PID',
  ];
  static override readonly examples = [
    '<%= config.bin %> doctor python app.py',
    '<%= config.bin %> doctor --pid 4242',
    '<%= config.bin %> doctor --endpoint http://localhost:4318',
    'sudo <%= config.bin %> doctor --agent',
    '<%= config.bin %> doctor --json',
  ];
  static override readonly flags = {
    pid: Flags.integer({ summary: 'a process to look at', min: 1 }),
    agent: Flags.boolean({ summary: "look at this machine's agent, whether one runs or not" }),
    seconds: Flags.integer({ summary: 'how long to wait for its traffic', default: 5, min: 1 }),
    config: Flags.string({ summary: 'settings file', helpValue: 'FILE' }),
    json: Flags.boolean({ summary: 'the findings as one JSON document' }),
    ...SETTING_FLAGS,
  };

  override async work(): Promise<number> {
    // From the first word on all belongs to the program, as in a launch.
    const { flags: typed, words } = this.readWords(true);
    const { flags } = await this.parse(Doctor, [...typed]);
    const findings = await examine(words, flags, givenFlags(flags));
    show(findings, flags.json);
    return findings.some(({ verdict }) => verdict === 'failed') ? EXIT_STATUS.failed : EXIT_STATUS.done;
  }
}

interface DoctorFlags {
  readonly pid: number | undefined;
  readonly agent: boolean;
  readonly seconds: number;
}

/** The layers in order. A program needs no eBPF, so the system's layer is for attach alone. */
async function examine(words: readonly string[], flags: DoctorFlags, given: readonly GivenFlag[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const notes = (layer: Finding['layer']) => createNotes(layer, findings);
  checkCommand(process.env['PATH'], realpathSync(process.argv[1] ?? process.execPath), notes('system'));
  if (words.length === 0) checkSystem(notes('system'));
  const loaded = await load(given);
  checkSettings(loaded, process.env, notes('settings'));
  if (isProblem(loaded)) {
    notes('collector').unknown('endpoint', 'not looked at: the settings cannot be read');
    return findings;
  }
  const env = { ...process.env, ...settingsToEnvironment(loaded.settings, loaded.sources) };
  await checkCollector(otlpSettingsFromEnvironment(env), notes('collector'));
  if (words.length > 0) {
    await checkProgram(words, { loaded, env: process.env, hooks: HOOKS, readable }, notes('program'));
  }
  if (words.length === 0) await lookAtAgent(flags.agent, notes('agent'));
  if (flags.pid !== undefined) await checkProcess(flags.pid, flags.seconds, notes('process'));
  return findings;
}

/** Where none runs, nothing is said of it unless somebody asks: most machines have none. */
async function lookAtAgent(asked: boolean, notes: Notes): Promise<void> {
  const places = agentPlaces({ state: undefined, run: undefined }, process.env, process.getuid?.() === 0);
  const facts = await agentFacts(places, process.env[VARIABLES.agentSocket] || undefined);
  if (asked || 'pid' in facts) checkAgent(facts, notes);
}

async function load(given: readonly GivenFlag[]): Promise<Loaded | Problem> {
  try {
    return await loadSettings(given);
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
}

function show(findings: readonly Finding[], json: boolean): void {
  const output = openOutput(1);
  if (json) return output.write(`${JSON.stringify({ findings }, null, 2)}\n`);
  output.write(`${renderFindings(findings, createPalette(output.colour), output.columns()).join('\n')}\n`);
}
