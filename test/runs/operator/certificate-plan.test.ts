/** When the webhook's certificates are made anew, and whom they are believed by meanwhile (K17). */
import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  certificatesIn,
  nextCertificates,
  SERVER_LIFE,
  type Stored,
} from '../../../src/runs/operator/certificate-plan.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const NAMES = ['hook.system.svc', '127.0.0.1'];
const first = nextCertificates(undefined, NAMES, NOW);

const server = (stored: Stored) => new X509Certificate(stored['tls.crt']);
/** As a client does it that has the bundle. */
const isBelieved = (shown: Stored, bundle: Stored) =>
  certificatesIn(bundle['ca.crt']).some(one => server(shown).checkIssued(one) && server(shown).verify(one.publicKey));

test('the first ones are for the names that are called, by an authority of ours', () => {
  expect(server(first).checkHost('hook.system.svc')).toBe('hook.system.svc');
  expect(server(first).checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server(first).checkHost('other.system.svc')).toBeUndefined();
  expect(server(first).ca).toBe(false);
  expect(certificatesIn(first['ca.crt']).map(({ ca }) => ca)).toEqual([true]);
  expect(isBelieved(first, first)).toBe(true);
});

test('what is good stays: the same object', () => {
  expect(nextCertificates(first, NAMES, NOW + 30 * DAY)).toBe(first);
});

test('a month before its end the server gets a new one, by the same authority: nobody has to be told', () => {
  const later = NOW + SERVER_LIFE - 29 * DAY;
  const next = nextCertificates(first, NAMES, later);
  expect(next['tls.crt']).not.toBe(first['tls.crt']);
  expect([next['ca.crt'], next['ca.key']]).toEqual([first['ca.crt'], first['ca.key']]);
  expect(isBelieved(next, first)).toBe(true);
});

test('another name, a broken Secret, a key that is gone: made anew', () => {
  expect(nextCertificates(first, [...NAMES, 'new.svc'], NOW)).not.toBe(first);
  for (const broken of [{ ...first, 'tls.crt': 'x' }, { ...first, 'tls.key': '' }, {}]) {
    const next = nextCertificates(broken, NAMES, NOW);
    expect(isBelieved(next, next)).toBe(true);
  }
  expect(nextCertificates({ ...first, 'ca.key': '' }, NAMES, NOW)['ca.key']).not.toBe('');
});

test('a year before the end of the authority there is a new one, and both are believed until the old one ends', () => {
  const late = NOW + 9.5 * 365 * DAY;
  const next = nextCertificates(first, NAMES, late);
  expect(certificatesIn(next['ca.crt'])).toHaveLength(2);
  expect(isBelieved(next, next)).toBe(true);
  // A replica that still shows what it has.
  expect(isBelieved(first, next)).toBe(true);
  expect(isBelieved(next, first)).toBe(false);
  expect(nextCertificates(next, NAMES, late + DAY)).toBe(next);
});
