import { expect, test } from '@jest/globals';
import { isLeaving } from '../../../src/bootstrap/node/leaving.js';

const error = (name: string, code: string | undefined, message: string) =>
  Object.assign(new Error(message), { name }, code === undefined ? {} : { code });

// As Node 18 to 26 give them to `_destroy`.
test.each<[boolean, string, unknown]>([
  [true, 'destroyed without a word', null],
  [true, 'an AbortSignal', error('AbortError', 'ABORT_ERR', 'The operation was aborted')],
  [true, "fetch's abort, or a body that is not read on", error('InformationalError', 'UND_ERR_INFO', 'aborted')],
  [true, "an error of the program's own", error('Error', undefined, 'enough')],
  [false, 'a reset', error('Error', 'ECONNRESET', 'read ECONNRESET')],
  [false, 'an end that came too early', error('SocketError', 'UND_ERR_SOCKET', 'other side closed')],
  [false, 'a stalled body', error('BodyTimeoutError', 'UND_ERR_BODY_TIMEOUT', 'Body Timeout Error')],
  [false, 'another affair of undici', error('InformationalError', 'UND_ERR_INFO', 'HTTP/2: "GOAWAY" frame received')],
  [false, "a timeout of the program's own", error('Error', undefined, 'request timed out')],
])('%s: %s', (leaves, _, reason) => {
  expect(isLeaving(reason)).toBe(leaves);
});
