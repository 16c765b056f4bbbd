/**
 * Certificates of the webhook: an authority of our own, and what the server shows, signed by it. Bundled by the build with
 * the library inside. Keys are made by Node; the library writes X.509 (RFC 5280), which Node can read and not make.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import net from 'node:net';
import forge from 'node-forge';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** Clocks of a cluster differ. */
const SKEW = 3_600_000;

/** @param until milliseconds since 1970 */
export function makeAuthority(now: number, until: number): Certificate {
  return make(now, until, undefined, [
    { name: 'basicConstraints', cA: true, critical: true, pathLenConstraint: 0 },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
}

/** @param names of DNS under which the API server calls; an address is taken as one */
export function makeServerCertificate(
  authority: Certificate,
  names: readonly string[],
  now: number,
  until: number,
): Certificate {
  const altNames = names.map(name => (net.isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name }));
  return make(now, until, authority, [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
  ]);
}

function make(now: number, until: number, authority: Certificate | undefined, extensions: object[]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { pki, md } = forge;
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  // Positive, and never the same twice.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now - SKEW);
  certificate.validity.notAfter = new Date(until);
  const kind = authority === undefined ? 'authority' : 'webhook';
  // Two authorities that follow each other need names that differ.
  const subject = [
    { name: 'commonName', value: `openlit-instrument ${kind} ${certificate.serialNumber.slice(2, 10)}` },
  ];
  const issuer = authority === undefined ? undefined : pki.certificateFromPem(authority.cert);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer === undefined ? subject : issuer.subject.attributes);
  const keyId = issuer?.generateSubjectKeyIdentifier().getBytes();
  certificate.setExtensions(
    keyId === undefined ? extensions : [...extensions, { name: 'authorityKeyIdentifier', keyIdentifier: keyId }],
  );
  certificate.sign(pki.privateKeyFromPem(authority?.key ?? privateKey), md.sha256.create());
  return { cert: pki.certificateToPem(certificate).replaceAll('\r', ''), key: privateKey };
}
