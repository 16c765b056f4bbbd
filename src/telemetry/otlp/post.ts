/** Posts prepared requests and is done: what a Worker runs while the main thread waits for it at exit. */
import { createHttpTransport } from './http-transport.js';
import type { PreparedRequest } from './prepared-request.js';

/** Resolves with the number of requests that the collector took; never rejects, one attempt each. */
export async function postPrepared(requests: readonly PreparedRequest[], milliseconds: number): Promise<number> {
  const http = createHttpTransport();
  const grpc = requests.some(request => request.transport === 'grpc')
    ? (await import('./grpc-transport.js')).createGrpcTransport()
    : undefined;
  const hold = setTimeout(() => {}, milliseconds);
  const results = await Promise.all(
    requests.map(request => {
      const bounded = { ...request, timeout: Math.min(request.timeout, milliseconds) };
      return (request.transport === 'grpc' && grpc ? grpc : http).send(bounded);
    }),
  );
  clearTimeout(hold);
  http.close();
  grpc?.close();
  return results.filter(result => result.kind === 'sent').length;
}
