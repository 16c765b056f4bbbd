/**
 * Observes a launch with an endpoint from outside, beside the program that its launcher becomes:
 *
 *   node attach-observer.cjs --settings FILE --launch JSON        writes one line to descriptor 3 when the probes are set
 *
 * It has no terminal, no output and no parent that would wait for it. It ends when the program and its children have ended
 * and all is exported.
 */
import { closeSync, writeSync } from 'node:fs';
import path from 'node:path';
import { letOthersFirst, type Priority } from '../../attach/priority.js';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import { createPipeline } from '../../calls/pipeline.js';
import { redactCredentials } from '../../calls/redact.js';
import { Problem } from '../../errors.js';
import { identify } from '../../machine/identity.js';
import { createOtlpConsumer } from '../../telemetry/otlp-consumer.js';
import { createPrometheusConsumer } from '../../telemetry/prometheus.js';
import { telemetrySettingsFromEnvironment } from '../../telemetry/settings.js';
import { leaveWord, readDocument } from '../observer/document.js';
import { openLog } from '../observer/log.js';
import { type Launched, observeLaunched } from './observe.js';

/** Our version; written in by the build. */
declare const PACKAGE_VERSION: string;

/** Where the launcher waits. */
const LAUNCHER = 3;
/** Milliseconds that the last export may take. */
const LAST_EXPORT = 30_000;
/** Milliseconds that a call waits for others before it is sent. */
const BATCH_DELAY = 100;

/** `ready PID.START` of the observer, or what keeps it from observing. False when the launcher has waited long enough, and the program runs. */
function answer(line: string): boolean {
  try {
    writeSync(LAUNCHER, `${line.replaceAll('\n', ' ')}\n`);
    closeSync(LAUNCHER);
    return true;
  } catch {
    return false;
  }
}

export async function main(words: readonly string[]): Promise<void> {
  let log = openLog(process.env);
  process.on('uncaughtException', error => {
    log(`ended by a fault of its own: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  // Meant for the program, which ends by them or does not; so do we.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGUSR1'] as const) process.on(signal, () => {});
  try {
    await observeTo(words, document => {
      log = openLog({ ...process.env, ...document });
      return line => log(line);
    });
    process.exit(0);
  } catch (error) {
    const line = error instanceof Problem ? [error.message, error.reason].filter(Boolean).join(': ') : String(error);
    log(line);
    answer(line);
    process.exit(1);
  }
}

async function observeTo(
  words: readonly string[],
  openOwnLog: (env: NodeJS.ProcessEnv) => (line: string) => void,
): Promise<void> {
  const file = argument(words, '--settings');
  const document = readDocument(file);
  const log = openOwnLog(document.env);
  const program = JSON.parse(argument(words, '--launch')) as Launched;
  const settings = telemetrySettingsFromEnvironment(document.env, { batchDelay: BATCH_DELAY });
  const told = new Set<string>();
  /** Few read the log, so the next launch with these settings says what was lost. */
  const problem = (text: string) => {
    const line = redactCredentials(text);
    log(line);
    told.add(line);
    leaveWord(file, [...told].join('; '));
  };
  const { prometheus } = settings.otlp;
  const { pricingFile } = settings;
  const pipeline = createPipeline({
    consumers: [
      createOtlpConsumer({ settings, version: PACKAGE_VERSION, notice: problem }),
      ...(prometheus === undefined ? [] : [createPrometheusConsumer(prometheus, problem)]),
    ],
    costOf: createCostCalculator({
      loadPrices: () => loadPrices(path.join(__dirname, 'prices.json')),
      ...(pricingFile === undefined ? {} : { pricingFile }),
    }),
    notice: problem,
  });
  for (const warning of settings.warnings) log(warning);
  const bounded = {
    ...pipeline,
    finish: () =>
      Promise.race([pipeline.finish(), new Promise<void>(resolve => setTimeout(resolve, LAST_EXPORT).unref())]),
  };
  let priority: Priority | undefined;
  const { observation } = observeLaunched(program, {
    pipeline: bounded,
    telemetry: settings,
    settings: document.named,
    version: PACKAGE_VERSION,
    observer: document.env,
    say: line => (line.startsWith('lost ') ? problem(line) : log(line)),
    backlog: share => priority?.look(share),
    leaving: () => priority?.restore(),
  });
  const { pid, startTime } = identify(process.pid);
  if (!answer(`ready ${pid}.${startTime}`)) observation.attach(program.pid);
  priority = letOthersFirst();
  await observation.done;
}

function argument(words: readonly string[], name: string): string {
  const at = words.indexOf(name);
  const value = at < 0 ? undefined : words[at + 1];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}
