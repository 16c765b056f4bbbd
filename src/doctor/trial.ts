/**
 * A runtime run once with the hook in it, on this machine alone: it asks a model of ours one question with each of its HTTP
 * clients, and its tap hands over to a listener of ours. What the listener decodes is what would be seen of the program.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { VARIABLES } from '../config/variables.js';
import { createCallDecoder } from '../wire/providers/index.js';
import { createTapConnection } from '../wire/transport/tap-connection.js';

/** Milliseconds for the runtime to start, import its clients and ask. */
const PATIENCE = 60_000;

export interface Trial {
  readonly stdout: string;
  readonly failure: string | undefined;
  /** Clients whose question was seen: each asks for a model of its own name. */
  readonly seen: ReadonlySet<string>;
  /** Lines of the status file. */
  readonly statuses: readonly Readonly<Record<string, unknown>>[];
}

/** @param env as of a launch; the trial learns by a variable where the model listens, on 127.0.0.1 */
export async function tryRuntime(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Trial> {
  const folder = mkdtempSync(path.join(tmpdir(), 'openlit-instrument-doctor-'));
  const statusFile = path.join(folder, 'status');
  const socket = path.join(folder, 'tap');
  const seen = new Set<string>();
  const taps = listenForTaps(seen);
  const model = http.createServer(answer);
  try {
    await Promise.all([once(taps.listen(socket), 'listening'), once(model.listen(0, '127.0.0.1'), 'listening')]);
    const child = spawn(command, args, {
      env: {
        ...withoutProxies(env),
        [VARIABLES.statusFile]: statusFile,
        [VARIABLES.tap]: JSON.stringify({ v: 1, socket, view: true, wait: false }),
        [VARIABLES.trialPort]: String((model.address() as AddressInfo).port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
    });
    const { stdout, failure } = await ended(child);
    await closed(taps); // what the tap handed over before its end is read to the end
    return { stdout, failure, seen, statuses: linesOf(statusFile) };
  } finally {
    model.closeAllConnections();
    model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess): Promise<Pick<Trial, 'stdout' | 'failure'>> {
  const error = new Promise<Error>(resolve => child.once('error', resolve));
  const output = Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  const first = await Promise.race([output, error]);
  if (first instanceof Error) return { stdout: '', failure: first.message };
  const [stdout, stderr, [status, signal]] = first;
  const failure = status === 0 ? undefined : lastLine(stderr) || `it ended with ${status ?? signal}`;
  return { stdout, failure };
}

function listenForTaps(seen: Set<string>): net.Server {
  return net.createServer(socket => {
    const open = createCallDecoder({
      content: false,
      newId: () => 'trial',
      onCall: call => 'request' in call && seen.add(call.request.model ?? ''),
    });
    const nothing = () => {};
    const tap = createTapConnection({
      openFor: () => open,
      ...{
        hello: nothing,
        reported: nothing,
        span: nothing,
        start: nothing,
        lost: nothing,
        bye: nothing,
        refused: nothing,
      },
    });
    socket.on('data', chunk => tap.push(chunk) || socket.destroy());
    socket.on('close', () => tap.close(BigInt(Date.now()) * 1_000_000n));
    socket.on('error', nothing);
  });
}

/** Resolves when no tap is connected any more. */
const closed = (server: net.Server): Promise<void> => new Promise(resolve => server.close(() => resolve()));

const ANSWER = {
  id: 'trial',
  object: 'chat.completion',
  created: 1,
  choices: [{ index: 0, message: { role: 'assistant', content: 'pong' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  await text(request);
  response.setHeader('content-type', 'application/json').end(JSON.stringify(ANSWER));
}

/** The question stays on this machine. */
function withoutProxies(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/_proxy$/i.test(name)));
}

function linesOf(file: string): Trial['statuses'] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map(factsOf)
      .filter(line => line !== undefined);
  } catch {
    return [];
  }
}

/** The first JSON object among the lines. */
export function factsOf(printed: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(printed.split('\n').find(line => line.startsWith('{')) ?? '') as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function lastLine(printed: string): string {
  return printed.trim().split('\n').at(-1) ?? '';
}
