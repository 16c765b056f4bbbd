/** Whether a program closed a connection of its own accord, by the error that it, or its client library, gave as the reason. */

/** Words of Node and undici for "nobody wants it any more"; undici says `UND_ERR_INFO` of everything that it does by itself. */
const ABORTS = /^(?:ABORT_ERR|ERR_CANCELED|UND_ERR_ABORTED)$/;

/** An error that has a code comes from the system, from TLS or from a client library: the exchange failed. A program's own has none. */
export function isLeaving(error: unknown): boolean {
  if (error === null || error === undefined) return true;
  if (typeof error !== 'object') return true;
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  if (name === 'AbortError' || ABORTS.test(String(code))) return true;
  if (code === 'UND_ERR_INFO') return message === 'aborted';
  return code === undefined && !/timeout|timed out/i.test(`${String(name)} ${String(message)}`);
}
