/** Starting our own Node again, as the same process, without what is meant for the program. */
import { execProgram, hasUndecodableBytes, type ProcessStart, wordsAsBytes } from './exec.js';
import { setAside } from './own-node.js';

/**
 * Where the launcher stays beside the program: this process becomes a Node without the program's `NODE_OPTIONS` and their
 * like, which costs the start of one Node and only where they are set. The first one leaves nothing behind: an exec runs no
 * handler, so no profile and no coverage is written. Returns where there is nothing to set aside, or no way to exec.
 * @param variable name under which the next one finds what was set aside
 */
export function restartUndisturbed(variable: string, start: ProcessStart): void {
  const { aside, kept } = setAside(process.env);
  const script = process.argv[1];
  // Set already: we are the next one, and whoever set it again did so on purpose.
  if (Object.keys(aside).length === 0 || restored || script === undefined) return;
  const program = process.argv.slice(2);
  if (hasUndecodableBytes(program)) return; // JSON would change them
  const own = [process.argv0, ...process.execArgv, script].map(word => Buffer.from(word));
  for (const name of Object.keys(aside)) delete process.env[name];
  execProgram(
    process.execPath,
    [...own, ...wordsAsBytes(program)],
    { ...kept, [variable]: JSON.stringify(aside) },
    start,
  );
  delete process.env[variable];
  Object.assign(process.env, aside);
}

let restored = false;

/** In the process that was started again: the program gets its variables as they were. Node does not read them any more. */
export function takeBack(variable: string): void {
  const text = process.env[variable];
  if (text === undefined) return;
  delete process.env[variable];
  try {
    Object.assign(process.env, JSON.parse(text));
    restored = true;
  } catch {
    // Not written by us: then there is nothing to take back.
  }
}
