/**
 * Becoming the program: the launcher's process is replaced, so pid, parent, terminal and signals are the program's own
 * and nothing of ours stays in memory. Whatever Node changed at its start is put back first.
 */

import { constants } from 'node:os';
import { type Descriptor, listDescriptors } from '../descriptors.js';
import { procFile, readBytes, readText, splitNul } from '../proc.js';
import { readSocketTable } from '../sockets.js';
import { type Libc, loadLibc } from './exec-native.js';
import { hasInspector, hasPreloads } from './own-node.js';
import { inheritedDescriptors, SIGNAL, signalsToIgnore, softLimitToRestore } from './process-state.js';

/** This process before the launcher opened anything of its own. */
export interface ProcessStart {
  readonly descriptors: readonly Descriptor[];
  /** Descriptors above 2 that belong to the program. */
  readonly inherited: readonly number[];
}

/** To be called first: what is open later may be ours. */
export function lookAtProcess(): ProcessStart {
  const descriptors = listDescriptors('self') ?? [];
  const targets = hasInspector(process.env, process.execArgv) ? inspectorSockets() : new Set<string>();
  const preloads = hasPreloads(process.env);
  return { descriptors, inherited: inheritedDescriptors(descriptors, { targets, preloads }) };
}

/**
 * The sockets of our own inspector, by the port that it listens on. They are left to close at exec: closing the inspector
 * would wait for a debugger that is connected.
 */
function inspectorSockets(): Set<string> {
  const url = process.getBuiltinModule('node:inspector').url();
  const port = url === undefined ? undefined : Number(new URL(url).port);
  const rows = [...readSocketTable('self')].filter(([, { local }]) => local.port === port);
  return new Set(rows.map(([inode]) => `socket:[${inode}]`));
}

export type ExecFailure =
  /** This machine cannot exec from Node: start a child instead. */
  | { readonly kind: 'unsupported' }
  /** execv refused the file; nothing was changed that matters to a message and an exit. */
  | { readonly kind: 'refused'; readonly errno: number };

/** glibc's execvp hands a file of unknown form to this. */
const SHELL = '/bin/sh';

/**
 * @param path file to run
 * @param argv words as bytes, `argv[0]` as typed
 * @param env changes; all other variables go on byte for byte, because libc's own environment is handed over
 * @returns only on failure
 */
export function execProgram(
  path: string,
  argv: readonly Buffer[],
  env: Readonly<Record<string, string>>,
  start: ProcessStart,
): ExecFailure {
  const libc = loadLibc();
  if (!libc) return { kind: 'unsupported' };
  Object.assign(process.env, env);
  restoreForgottenVariables();
  restoreProcessState(libc, start);
  const errno = libc.execv(Buffer.from(path), argv);
  if (errno !== constants.errno.ENOEXEC) return { kind: 'refused', errno };
  return {
    kind: 'refused',
    errno: libc.execv(Buffer.from(SHELL), [Buffer.from(SHELL), Buffer.from(path), ...argv.slice(1)]),
  };
}

/**
 * The program's words with their bytes: Node decodes arguments as UTF-8 and loses what is none, the kernel's copy does not.
 * @param words as Node sees them; they are the last ones of the command line
 */
export function wordsAsBytes(words: readonly string[]): Buffer[] {
  const plain = words.map(word => Buffer.from(word));
  if (!words.some(word => word.includes('\ufffd'))) return plain;
  const all = ownWords('cmdline');
  const raw = all.slice(all.length - words.length);
  const same = raw.length === words.length && raw.every((bytes, index) => bytes.toString() === words[index]);
  return same ? raw : plain;
}

/** True when words or variables hold bytes that are no UTF-8: Node's own spawn would change them. */
export function hasUndecodableBytes(words: readonly string[]): boolean {
  const suspicious = [...words, ...Object.values(process.env)].some(text => text?.includes('\ufffd'));
  return suspicious && [...ownWords('environ'), ...ownWords('cmdline')].some(bytes => !isUtf8(bytes));
}

/** As the kernel keeps them: what Node shows is decoded. */
function ownWords(file: 'cmdline' | 'environ'): Buffer[] {
  return splitNul(readBytes(procFile('self', file)) ?? Buffer.alloc(0));
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

/** Node takes these out of its environment when it was started by `fork()` or a cluster; the program needs them. */
const FORGOTTEN = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_UNIQUE_ID'];

export function forgottenVariables(): Record<string, string> {
  // Only a parent that is Node sets them, so the kernel's copy is read only where Node found a channel.
  if (process.channel === undefined && !process.connected) return {};
  const start = ownWords('environ').map(word => word.toString());
  const found = start.map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
  return Object.fromEntries(found.filter(([name]) => FORGOTTEN.includes(name) && process.env[name] === undefined));
}

function restoreForgottenVariables(): void {
  Object.assign(process.env, forgottenVariables());
}

function restoreProcessState(libc: Libc, { descriptors, inherited }: ProcessStart): void {
  libc.setSignal(SIGNAL.SIGPIPE, 'default');
  libc.setSignal(SIGNAL.SIGXFSZ, 'default');
  for (const number of [0, 1, 2, ...inherited]) libc.clearCloseOnExec(number);
  for (const signal of signalsToIgnore(signalEvidence(descriptors))) libc.setSignal(signal, 'ignore');
  restoreOpenFileLimit(libc);
}

export function restoreOpenFileLimit(libc: Libc): void {
  const soft = softLimitToRestore(
    readText(procFile('self', 'limits')) ?? '',
    readText(procFile(process.ppid, 'limits')),
  );
  if (soft !== undefined) libc.setOpenFileLimit(soft);
}

function signalEvidence(descriptors: readonly Descriptor[]) {
  return {
    parentStatus: readText(procFile(process.ppid, 'status')),
    parentPid: process.ppid,
    stdin: descriptors.find(({ number }) => number === 0),
    stdoutTarget: descriptors.find(({ number }) => number === 1)?.target,
    invocationId: process.env['INVOCATION_ID'],
  };
}
