/**
 * Jest's Node environment, and at the end of a file a look at what the file leaves: a process fails it (and is ended); a
 * socket, server or child that keeps this process alive is told on stderr and counted by scripts/run-jest.mjs, because jest
 * would then not end without `forceExit`.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';
import { killMarked, MARK, markedProcesses } from '../../scripts/marked-processes.mjs';

/** Milliseconds in which what a test has told to end may end: processes of a busy machine, sockets that are being closed. */
const GRACE = 5000;

/** The run's mark, absent where jest was started by hand. */
const RUN = process.env[MARK] ?? '';

export default class LeftoversEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.file = path.relative(config.globalConfig.rootDir, context.testPath);
  }

  async setup() {
    await super.setup();
    this.mark = `${RUN}.${randomBytes(6).toString('hex')}`;
    // The test's own `process.env` is a copy; a child that is given no environment has the real one.
    for (const env of [process.env, this.global.process.env]) env[MARK] = this.mark;
    this.before = new Set(handles());
  }

  async teardown() {
    const processes = await leftAfterGrace(() => markedProcesses(this.mark));
    killMarked(this.mark);
    const open = await leftAfterGrace(() => handles().filter(handle => !this.before.has(handle)));
    await super.teardown();
    if (open.length > 0) tell(`${this.file}: ${open.map(describe).join(', ')}`);
    if (processes.length === 0) return;
    const lines = processes.map(([pid, command]) => `  ${pid} ${command.slice(0, 200)}`);
    throw new Error(`left behind by ${this.file}:\n${lines.join('\n')}`);
  }
}

/** What keeps this process alive, timers left aside. Node has no public name for the objects; the public one only counts kinds. */
function handles() {
  return process._getActiveHandles();
}

async function leftAfterGrace(look) {
  const until = Date.now() + GRACE;
  let left = look();
  while (left.length > 0 && Date.now() < until) {
    await pause(20);
    left = look();
  }
  return left;
}

function describe({ constructor: kind, localPort, remotePort }) {
  return remotePort === undefined ? kind.name : `${kind.name} ${localPort}→${remotePort}`;
}

function tell(line) {
  process.stderr.write(`left open by ${line}\n`);
  if (process.env.JEST_LEFT_OPEN) appendFileSync(process.env.JEST_LEFT_OPEN, `${line}\n`);
}
