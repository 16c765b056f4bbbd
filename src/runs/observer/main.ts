/**
 * The observer of one launch with an endpoint, started by the first tap that has something to hand over:
 *
 *   node observer.cjs --settings FILE [--socket PATH]        its first tap is connected at descriptor 3
 *
 * It serves all taps of the launch, and leaves two seconds after the last one, when all was exported or given up. It has no
 * terminal, no output and no parent that would wait for it; what has to be said goes to the taps, and into a log.
 *
 *   node observer.cjs --socket PATH
 *
 * Beside the programs of a pod: its settings are its environment, it has no first tap, its log is its stderr, and it stays
 * until it is told to end.
 */
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import { createPipeline } from '../../calls/pipeline.js';
import { redactCredentials } from '../../calls/redact.js';
import type { Placement } from '../../machine/cgroup.js';
import { ownPlacement } from '../../machine/facts.js';
import { createOtlpConsumer } from '../../telemetry/otlp-consumer.js';
import { createPrometheusConsumer } from '../../telemetry/prometheus.js';
import { telemetrySettingsFromEnvironment } from '../../telemetry/settings.js';
import { documentOfEnvironment, leaveWord, readDocument } from './document.js';
import { listenAt } from './listen.js';
import { openLog } from './log.js';
import { removeOldSockets } from './place.js';
import { createTapServer } from './tap-server.js';
import { targetOfTap } from './target-of.js';

/** Our version; written in by the build. */
declare const PACKAGE_VERSION: string;

/** Milliseconds after the last tap: a program that ends is often followed by the next one of the same launch. */
const LINGER = 2_000;
/** Milliseconds between the end of our name and ours: a connection may be on its way. */
const LAST_GUESTS = 50;
/** Milliseconds that the last export may take. */
const LAST_EXPORT = 30_000;
/** Lower than any program's: what waits for us lies in the kernel. */
const NICENESS = 5;

/** Milliseconds that a call waits for others before it is sent. */
const BATCH_DELAY = 100;

export async function main(words: readonly string[]): Promise<void> {
  const settingsFile = argument(words, '--settings');
  const socketPath = argument(words, '--socket');
  const inPod = settingsFile === undefined;
  let log = inPod ? sayOnStderr : openLog(process.env);
  process.on('uncaughtException', error => {
    log(`ended by a fault of its own: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  // An interrupt is meant for the program; a service manager that stops us stops the program too, and its calls count.
  let leaving = false;
  let leaveNow = () => {};
  process.on('SIGTERM', () => {
    leaving = true;
    leaveNow();
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  try {
    os.setPriority(NICENESS);
  } catch {
    // Not everywhere; then at the program's own.
  }
  const document = inPod ? documentOfEnvironment(process.env) : readDocument(settingsFile);
  // Where the launch keeps what is ours; of our own environment a tap has left only the paths.
  if (!inPod) log = openLog({ ...process.env, ...document.env });
  const settings = telemetrySettingsFromEnvironment(document.env, { batchDelay: BATCH_DELAY });
  const { pricingFile } = settings;
  const { prometheus } = settings.otlp;
  let served = false;
  const problems = (problem: string): void => {
    const line = redactCredentials(problem);
    log(line);
    server.say(line);
    // A short program has ended before its calls could not be sent.
    if (served && server.taps === 0 && settingsFile !== undefined) leaveWord(settingsFile, line);
  };
  const pipeline = createPipeline({
    consumers: [
      createOtlpConsumer({ settings, version: PACKAGE_VERSION, notice: problems }),
      ...(prometheus === undefined ? [] : [createPrometheusConsumer(prometheus, problems)]),
    ],
    costOf: createCostCalculator({
      loadPrices: () => loadPrices(path.join(__dirname, 'prices.json')),
      ...(pricingFile === undefined ? {} : { pricingFile }),
    }),
    notice: problems,
  });
  let linger: NodeJS.Timeout | undefined;
  let removeName = () => {};
  const server = createTapServer({
    pipeline,
    targetOf: targetOfTap(
      { ...document, settings, version: PACKAGE_VERSION },
      inPod ? ofThePod(ownPlacement()) : ownPlacement(),
    ),
    notice: line => log(line),
    onBusy() {
      served = true;
      clearTimeout(linger);
    },
    onIdle() {
      if (leaving || !inPod) linger = setTimeout(() => void leave(), leaving ? 0 : LINGER);
    },
  });
  for (const warning of settings.warnings) problems(warning);

  async function leave(): Promise<void> {
    // Who found our name a moment ago is still served.
    removeName();
    await new Promise(resolve => setTimeout(resolve, LAST_GUESTS));
    if (server.taps > 0) return;
    server.close();
    await Promise.race([pipeline.finish(), new Promise(resolve => setTimeout(resolve, LAST_EXPORT).unref())]);
    if (server.lost.exchanges > 0) log(`${server.lost.exchanges} calls could not be handed over, and are lost`);
    process.exit(0);
  }

  if (socketPath !== undefined) {
    if (!inPod) removeOldSockets(path.dirname(socketPath));
    // Two processes of a launch may start an observer at the same time: the later one keeps the name, both serve their own.
    removeName = await listenAt(server, socketPath, inPod).catch(error => {
      log(`does not listen: ${(error as Error).message}`);
      // It is started again by the kubelet; without a socket it would stand there for nothing.
      if (inPod) process.exit(1);
      return () => {};
    });
  }
  if (!inPod) server.add(new net.Socket({ fd: 3, readable: true, writable: true }));
  // Before it has its first tap it would leave with nothing.
  leaveNow = () => {
    if (server.taps === 0) void leave();
  };
  if (inPod && leaving) leaveNow();
}

function sayOnStderr(line: string): void {
  process.stderr.write(`${redactCredentials(line)}\n`);
}

/** The programs are in other containers than we are, and in the same pod. */
const ofThePod = ({ podUid }: Placement): Placement => (podUid === undefined ? {} : { podUid });

function argument(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}
