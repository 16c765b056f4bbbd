/**
 * What a unit's sandbox keeps from our hook, told before anything is restarted (systemd.exec(5)). Pure. What only reads is
 * no problem: `ProtectSystem=` and `PrivateTmp=` hide nothing that we need.
 */
import type { Unit } from './unit.js';

/** Why a hook in this folder would not work in it; Node would even end with a hook that is not there. */
export function hookRefusal({ sandbox }: Unit, folder: string): string | undefined {
  const { rootDirectory, rootImage, addressFamilies } = sandbox;
  if (rootDirectory !== '') return `RootDirectory=${rootDirectory} hides ${folder}, where the hook is`;
  if (rootImage !== '') return `RootImage=${rootImage} hides ${folder}, where the hook is`;
  const by = hiddenBy(sandbox, folder);
  if (by !== undefined) return `${by} hides ${folder}, where the hook is`;
  if (addressFamilies && addressFamilies.names.includes('AF_UNIX') !== addressFamilies.allowed)
    return 'RestrictAddressFamilies= leaves out AF_UNIX, by which the hook hands over what it sees';
  return undefined;
}

/** System calls that start an observer, or that it makes; the usual answer to a forbidden one is a kill. */
const NEEDED_CALLS = ['execve', 'clone', 'vfork', 'socketpair', 'setpriority', 'setsid'];

/** Why an observer could not run inside the unit; an agent outside of it can still take the calls. */
export function observerRefusal({ sandbox }: Unit, node: string): string | undefined {
  const { addressFamilies: families, systemCalls: calls } = sandbox;
  if (sandbox.memoryDenyWriteExecute) return 'MemoryDenyWriteExecute= lets no Node run';
  if (sandbox.privateNetwork) return 'PrivateNetwork= leaves no way to the endpoint';
  const by = hiddenBy(sandbox, node);
  if (by !== undefined) return `${by} hides ${node}, which runs the observer`;
  const mayNot = longest(sandbox.noExec, node) > longest(sandbox.exec, node);
  if (mayNot) return `NoExecPaths= does not let ${node} run`;
  if (families && !['AF_INET', 'AF_INET6'].some(name => families.names.includes(name) === families.allowed))
    return 'RestrictAddressFamilies= leaves no way to the endpoint';
  const missing = calls && NEEDED_CALLS.find(name => calls.names.includes(name) !== calls.allowed);
  if (missing !== undefined) return `SystemCallFilter= forbids ${missing}, which starting an observer needs`;
  return undefined;
}

const HOMES: Readonly<Record<string, readonly string[]>> = {
  yes: ['/home', '/root', '/run/user'],
  tmpfs: ['/home', '/root', '/run/user'],
};

function hiddenBy({ inaccessible, temporaryFileSystems, protectHome }: Unit['sandbox'], file: string) {
  if (longest(inaccessible, file) >= 0) return 'InaccessiblePaths=';
  if (longest(temporaryFileSystems, file) >= 0) return 'TemporaryFileSystem=';
  if (longest(HOMES[protectHome] ?? [], file) >= 0) return `ProtectHome=${protectHome}`;
  return undefined;
}

/** Length of the longest of these folders that holds the file; -1: none does. A `-` or `+` in front is systemd's. */
function longest(folders: readonly string[], file: string): number {
  const holding = folders
    .map(folder => folder.replace(/^[-+]+/, '').replace(/(?<=.)\/+$/, ''))
    .filter(folder => folder === '/' || file === folder || file.startsWith(`${folder}/`));
  return Math.max(-1, ...holding.map(folder => folder.length));
}
