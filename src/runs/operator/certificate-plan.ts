/** What has to happen with the webhook's certificates now. Pure but for the keys that it makes. */
import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import { type Certificate, makeAuthority, makeServerCertificate } from './make-certificate.js';

/** Contents of the Secret, as PEM. `ca.crt` may hold two: the one that signs, and the one before it. */
export interface Stored {
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
  readonly 'ca.crt': string;
  readonly 'ca.key': string;
}

const DAY = 86_400_000;
export const AUTHORITY_LIFE = 10 * 365 * DAY;
export const SERVER_LIFE = 90 * DAY;
/** Renewed when less than this is left: weeks in which the operator may be away. */
const SERVER_REST = 30 * DAY;
const AUTHORITY_REST = 365 * DAY;

/** @returns the same object when nothing has to change */
export function nextCertificates(stored: Partial<Stored> | undefined, names: readonly string[], now: number): Stored {
  const authority = usableAuthority(stored, now);
  if (authority !== undefined && isServerUsable(stored as Stored, authority, names, now)) return stored as Stored;
  const signer = authority ?? makeAuthority(now, now + AUTHORITY_LIFE);
  const server = makeServerCertificate(signer, names, now, now + SERVER_LIFE);
  // Whoever still shows a certificate of the authority before this one is believed as long as that one is.
  const before = authority === undefined ? certificatesIn(stored?.['ca.crt']).filter(one => leftOf(one, now) > 0) : [];
  const bundle =
    authority === undefined ? [signer.cert, ...before.slice(0, 1).map(String)].join('') : stored!['ca.crt']!;
  return { 'tls.crt': server.cert, 'tls.key': server.key, 'ca.crt': bundle, 'ca.key': signer.key };
}

function usableAuthority(stored: Partial<Stored> | undefined, now: number): Certificate | undefined {
  const [first] = certificatesIn(stored?.['ca.crt']);
  if (first === undefined || !stored?.['ca.key'] || leftOf(first, now) < AUTHORITY_REST) return undefined;
  return { cert: first.toString(), key: stored['ca.key'] };
}

function isServerUsable(stored: Stored, authority: Certificate, names: readonly string[], now: number): boolean {
  const [server] = certificatesIn(stored['tls.crt']);
  if (server === undefined || !stored['tls.key'] || leftOf(server, now) < SERVER_REST) return false;
  const has = (name: string) => (net.isIP(name) > 0 ? server.checkIP(name) : server.checkHost(name)) !== undefined;
  return server.verify(new X509Certificate(authority.cert).publicKey) && names.every(has);
}

/** Milliseconds until it ends. */
export const leftOf = (certificate: X509Certificate, now: number): number => Date.parse(certificate.validTo) - now;

/** None where the text is no certificate. */
export function certificatesIn(pem: string | undefined): X509Certificate[] {
  try {
    const blocks = pem?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? [];
    return blocks.map(block => new X509Certificate(block));
  } catch {
    return [];
  }
}
