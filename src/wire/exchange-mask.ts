/**
 * Credentials in the heads of exchanges, masked before anything is printed or stored. Lists names, not patterns of values:
 * a head has few fields, and a name that says "secret" is enough to hide what it holds.
 */
import type { HeaderFields } from './exchange.js';

/** The same word as the telemetry's redaction, so that one search finds both. */
export const MASK = '[REDACTED]';

const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'api-key',
  'apikey',
  'authentication-info',
  'authorization',
  'chatgpt-account-id',
  'cookie',
  'ocp-apim-subscription-key',
  'proxy-authorization',
  'set-cookie',
  'x-amz-security-token',
  'x-api-key',
  'x-auth-token',
  'x-goog-api-key',
  'x-goog-iam-authorization-token',
  'x-portkey-api-key',
]);
/** Names that nobody listed yet. `tokens` (rate limits, usage) is another word. */
const SECRET_HEADER =
  /(?:^|[-_])(?:api-?key|authorization|credentials?|passw(?:or)?d|secret|signature|token)(?:$|[-_])/;
const NOT_SECRET = /(?:token-count|token-limit|-type$|-encoding$)/;

/** Browsers send their key to a WebSocket as a subprotocol, because they cannot set a header. */
const KEY_IN_SUBPROTOCOL = /((?:api-key|auth|bearer|token)[^,\s]{0,100}?\.)[^,\s]+/gi;

const SECRET_PARAMETER =
  /([?&](?:api[-_]?key|apikey|key|access[-_]?token|auth[-_]?token|token|id[-_]?token|refresh[-_]?token|client[-_]?secret|secret|password|sig|signature|code|subscription-key|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|x-goog-credential)=)[^&#]*/gi;

/** Tokens are granted in bodies there; such a body is never kept. */
const TOKEN_ENDPOINT = /\/(?:oauth2?|oidc|connect|sts)?\/?(?:v[0-9.]+\/)?(?:access_)?token$/i;

/**
 * A copy without credentials; the names stay, so that one sees that a credential was sent.
 * @param redact knows credentials by their form, whatever the field is called
 */
export function maskHeaders(headers: HeaderFields, redact: (text: string) => string): HeaderFields {
  const masked: Record<string, string> = Object.create(null);
  for (const name of Object.keys(headers)) masked[name] = redact(maskHeader(name, headers[name]!));
  return masked;
}

function maskHeader(name: string, value: string): string {
  if (SECRET_HEADERS.has(name) || (SECRET_HEADER.test(name) && !NOT_SECRET.test(name))) return MASK;
  // Some clients leave the user and the password of an address in it.
  if (name === 'host') return value.replace(/^.*@/, `${MASK}@`);
  if (name === 'sec-websocket-protocol') return value.replace(KEY_IN_SUBPROTOCOL, `$1${MASK}`);
  // Location, Referer and Link hold addresses.
  return value.includes('?') ? maskPath(value) : value;
}

/** The path with the values of secret parameters masked; everything else stays byte for byte. */
export function maskPath(path: string): string {
  return path.includes('?') ? path.replace(SECRET_PARAMETER, `$1${MASK}`) : path;
}

/** Whether the bodies of this exchange are credentials by nature. */
export function hasSecretBodies(path: string): boolean {
  return TOKEN_ENDPOINT.test(path.replace(/[?#].*$/s, ''));
}
