/** Which port a request's host means where it names none. */
import type { ConnectionFacts, RequestHead } from '../exchange.js';

/**
 * The port that a host leaves out is that of the scheme (RFC 9110, 4.2 and 7.2); nothing where it is named, or where there is no host.
 * @param known of the connection, where the client says it
 */
export function unnamedPort(
  { host }: RequestHead,
  secure: boolean,
  known?: number,
): Pick<ConnectionFacts, 'serverPort'> {
  if (host === undefined || /:\d+$/.test(host)) return {};
  return { serverPort: known ?? (secure ? 443 : 80) };
}
