import { readFileSync } from 'node:fs';
import type { PreparedRequest } from './prepared-request.js';

/** PEM texts for `tls.connect`. Throws with the path when a file cannot be read. */
export function tlsOptions(request: PreparedRequest): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(request.certificate === undefined ? {} : { ca: readFileSync(request.certificate) }),
    ...(request.clientCertificate === undefined ? {} : { cert: readFileSync(request.clientCertificate) }),
    ...(request.clientKey === undefined ? {} : { key: readFileSync(request.clientKey) }),
  };
}
