/** Credentials that are made up, in the issuers' forms; put together here so that no scanner takes this file for a leak. */
const glue = (...parts: string[]): string => parts.join('');

/** The part that must not be seen anywhere, of each. */
export const CORE = 'Pl4ntedS3cretPl4ntedS3cret0001';

/** By their shape: the text says what it is wherever it stands. */
export const SHAPES: Readonly<Record<string, string>> = {
  openai: glue('sk-', 'proj-', CORE),
  anthropic: glue('sk-', 'ant-api03-', CORE),
  groq: glue('gs', 'k_', CORE),
  xai: glue('xa', 'i-', CORE),
  perplexity: glue('pp', 'lx-', CORE),
  nvidia: glue('nv', 'api-', CORE),
  huggingface: glue('h', 'f_', CORE),
  google: glue('AI', 'za', CORE),
  googleOauth: glue('ya', '29.', CORE),
  github: glue('gh', 'p_', CORE),
  gitlab: glue('gl', 'pat-', CORE),
  slack: glue('xo', 'xb-', CORE),
  pypi: glue('py', 'pi-', CORE),
  jwt: glue('ey', 'JhbGciOiJI', '.', CORE, '.', CORE),
  bearer: `Bearer ${CORE}`,
  basic: `Basic ${CORE}=`,
  userInfo: `https://user:${CORE}@proxy.internal:3128/`,
  query: `https://host/path?key=${CORE}&alt=sse`,
  privateKey: glue('-----BEGIN ', 'RSA PRIVATE KEY-----\n', CORE, '\n-----END RSA PRIVATE KEY-----'),
};

/** By the name of their field: the value alone says nothing. */
export const FIELDS: readonly string[] = [
  'api_key',
  'apiKey',
  'password',
  'access_token',
  'refresh_token',
  'client_secret',
  'secret_key',
  'private_key',
  'passphrase',
  'authorization',
  'cookie',
];
