/**
 * Credentials that are made up anew in each run: every one is planted once, in one place, so that a hit of its random part
 * says what leaked and from where. The forms are the issuers'; they are put together here so that no scanner takes this
 * file for a leak.
 */
import { randomBytes, randomInt } from 'node:crypto';

export interface Secret {
  /** `shape at place`. */
  readonly name: string;
  /** The random part, which nothing may show. */
  readonly core: string;
}

type Alphabet = 'word' | 'hex' | 'upper';
type Form = readonly [text: (core: string) => string, alphabet?: Alphabet, length?: number];

const glue = (...parts: string[]): string => parts.join('');
const BASE64URL_HEADER = glue('ey', 'JhbGciOiJIUzI1NiJ9');

/** The text says what it is wherever it stands: key formats of issuers. */
const BY_SHAPE: Readonly<Record<string, Form>> = {
  openai: [core => glue('sk', '-', core)],
  'openai project': [core => glue('sk', '-proj-', core)],
  anthropic: [core => glue('sk', '-ant-api03-', core)],
  openrouter: [core => glue('sk', '-or-v1-', core), 'hex', 64],
  groq: [core => glue('gs', 'k_', core)],
  xai: [core => glue('xa', 'i-', core)],
  perplexity: [core => glue('pp', 'lx-', core)],
  nvidia: [core => glue('nv', 'api-', core)],
  replicate: [core => glue('r', '8_', core)],
  huggingface: [core => glue('h', 'f_', core)],
  tavily: [core => glue('tv', 'ly-dev-', core)],
  langsmith: [core => glue('ls', 'v2_pt_', core), 'hex', 32],
  pinecone: [core => glue('pc', 'sk_', core)],
  databricks: [core => glue('da', 'pi', core), 'hex', 32],
  'aws key id': [core => glue('AK', 'IA', core), 'upper', 16],
  'aws bedrock': [core => glue('AB', 'SK', core)],
  google: [core => glue('AI', 'za', core), 'word', 35],
  'google oauth': [core => glue('ya', '29.', core)],
  'google client secret': [core => glue('GOC', 'SPX-', core), 'word', 28],
  'github classic': [core => glue('gh', 'p_', core), 'word', 36],
  'github app': [core => glue('gh', 's_', core), 'word', 36],
  'github fine-grained': [core => glue('github', '_pat_', core)],
  gitlab: [core => glue('gl', 'pat-', core), 'word', 20],
  'slack bot': [core => glue('xo', 'xb-', core)],
  'slack app': [core => glue('xa', 'pp-1-', core)],
  'slack webhook': [core => glue('https://hooks.slack', '.com/services/T00000000/B00000000/', core), 'word', 24],
  'stripe live': [core => glue('sk', '_live_', core)],
  'stripe restricted': [core => glue('rk', '_live_', core)],
  'stripe webhook': [core => glue('wh', 'sec_', core)],
  sendgrid: [core => glue('S', 'G.', core.slice(0, 22), '.', core.slice(22)), 'word', 65],
  shopify: [core => glue('sh', 'pat_', core), 'hex', 32],
  digitalocean: [core => glue('do', 'p_v1_', core), 'hex', 64],
  vault: [core => glue('hv', 's.', core)],
  grafana: [core => glue('gl', 'sa_', core)],
  docker: [core => glue('dckr', '_pat_', core)],
  npm: [core => glue('np', 'm_', core), 'word', 36],
  pypi: [core => glue('py', 'pi-', core)],
  'gemini newer': [core => glue('A', 'Q.', core), 'word', 50],
  apify: [core => glue('apify', '_api_', core), 'word', 36],
  sonarqube: [core => glue('sq', 'p_', core), 'hex', 40],
  pulumi: [core => glue('pu', 'l-', core), 'hex', 40],
  circleci: [core => glue('CCI', 'PAT_', 'Ab1'.repeat(7), '_', core), 'hex', 40],
  bitbucket: [core => glue('AT', 'BB', core), 'word', 32],
  'fly deploy': [core => glue('fo', '1_', core), 'word', 43],
  facebook: [core => glue('EA', 'AB', core), 'word', 100],
  linear: [core => glue('lin', '_api_', core)],
  'supabase token': [core => glue('sb', 'p_', core), 'hex', 40],
  'supabase secret': [core => glue('sb', '_secret_', core)],
  atlassian: [core => glue('ATA', 'TT3x', core)],
  notion: [core => glue('nt', 'n_', core)],
  sentry: [core => glue('snt', 'rys_', core)],
  posthog: [core => glue('ph', 'x_', core)],
  square: [core => glue('sq', '0atp-', core)],
  age: [core => glue('AGE-SECRET', '-KEY-1', core), 'upper', 58],
  'telegram bot': [core => glue('123456789', ':AA', core), 'word', 33],
  'discord webhook': [core => glue('https://discord', '.com/api/webhooks/123456789012345678/', core)],
  'google refresh': [core => glue('1/', '/0', core), 'word', 40],
  'linear oauth': [core => glue('lin', '_oauth_', core), 'hex', 64],
  'stripe restricted test': [core => glue('rk', '_test_', core)],
  jina: [core => glue('ji', 'na_', core), 'word', 40],
  firecrawl: [core => glue('f', 'c-', core), 'hex', 32],
  e2b: [core => glue('e2', 'b_', core), 'hex', 40],
  browserbase: [core => glue('bb', '_live_', core)],
  runpod: [core => glue('rp', 'a_', core), 'upper', 40],
  anyscale: [core => glue('ese', 'cret_', core)],
  cursor: [core => glue('cr', 'sr_', core), 'hex', 64],
  logfire: [core => glue('py', 'lf_v1_us_', core), 'word', 43],
  'huggingface organisation': [core => glue('api', '_org_', core), 'word', 34],
  'vercel gateway': [core => glue('vc', 'k_', core), 'word', 48],
  netlify: [core => glue('nf', 'p_', core), 'word', 36],
  render: [core => glue('rn', 'd_', core), 'word', 28],
  neon: [core => glue('na', 'pi_', core), 'word', 60],
  planetscale: [core => glue('psc', 'ale_tkn_', core), 'word', 43],
  doppler: [core => glue('dp', '.pt.', core), 'word', 43],
  fly: [core => glue('Fly', 'V1 fm2_', core), 'word', 80],
  heroku: [core => glue('HR', 'KU-', core), 'word', 60],
  cloudflare: [core => glue('cf', 'ut_', core), 'word', 40],
  resend: [core => glue('r', 'e_', core.slice(0, 8), '_', core.slice(8)), 'word', 32],
  figma: [core => glue('fi', 'gd_', core), 'word', 40],
  postman: [core => glue('PM', 'AK-', core.slice(0, 24), '-', core.slice(24)), 'hex', 58],
  airtable: [core => glue('p', 'atAbcdefghijkl12.', core), 'hex', 64],
  hubspot: [core => glue('pat', '-na1-', core), 'hex', 36],
  mailgun: [core => glue('ke', 'y-', core), 'hex', 32],
  mailchimp: [core => glue(core, '-us', '12'), 'hex', 32],
  twilio: [core => glue('S', 'K', core), 'hex', 32],
  'notion before': [core => glue('sec', 'ret_', core), 'word', 43],
  'new relic': [core => glue('NR', 'AK-', core), 'upper', 27],
  'new relic licence': [core => glue(core, 'NR', 'AL'), 'hex', 36],
  honeycomb: [core => glue('hc', 'aik_', core), 'word', 58],
  dynatrace: [core => glue('dt', '0c01.', core.slice(0, 24), '.', core.slice(24)), 'upper', 88],
  jfrog: [core => glue('AK', 'Cp', core), 'word', 69],
  dropbox: [core => glue('s', 'l.u.', core), 'word', 120],
  terraform: [core => glue('Abcdefghijkl12.atl', 'asv1.', core), 'word', 60],
  rubygems: [core => glue('ruby', 'gems_', core), 'hex', 48],
  'gitlab trigger': [core => glue('gl', 'ptt-', core), 'hex', 40],
  'teams webhook': [core => glue('https://acme.webhook', '.office.com/webhookb2/', core), 'hex', 64],
  entra: [core => glue('Ab1', '8Q', '~', core), 'word', 34],
  jwt: [core => `${BASE64URL_HEADER}.${core}.${core}`],
  'pem rsa': [core => pem('RSA PRIVATE KEY', core)],
  'pem pkcs8': [core => pem('PRIVATE KEY', core)],
  'pem openssh': [core => pem('OPENSSH PRIVATE KEY', core)],
  pgp: [core => pem('PGP PRIVATE KEY BLOCK', core)],
};

/** What stands around the text says it: schemes, addresses, assignments, headers, flags. */
const BY_NAME: Readonly<Record<string, Form>> = {
  bearer: [core => `Bearer ${core}`],
  basic: [core => `Basic ${core}==`, 'word', 34],
  'header with a scheme': [core => `Authorization: ApiKey ${core}`],
  'bearer of letters': [core => `Authorization: Bearer ${letters(core)}`],
  'proxy header': [core => `Proxy-Authorization: Basic ${letters(core)}`],
  'header x-api-key': [core => `x-api-key: ${core}`],
  'azure api-key': [core => `api-key: ${core}`, 'hex', 32],
  'azure management': [core => `Ocp-Apim-Subscription-Key: ${core}`, 'hex', 32],
  'cookie header': [core => `Cookie: theme=dark; session=${core}; lang=en`],
  'set-cookie header': [core => `Set-Cookie: sid=${core}; Path=/; HttpOnly`],
  'user and password in a URL': [core => `https://ada:${core}@proxy.internal:3128/`],
  'password alone in a URL': [core => `redis://:${core}@cache.internal:6379/0`],
  'token alone in a URL': [core => `https://${core}@git.internal/team/repo.git`],
  'postgres connection': [core => `postgresql://app:${core}@db.internal:5432/shop`],
  'ado connection': [core => `Server=tcp:db.internal,1433;User ID=app;Password=${core};Encrypt=true`],
  'odbc connection': [core => `Driver={ODBC};Server=db;UID=app;PWD=${core};`],
  'azure storage': [core => `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${core}==;`],
  'azure bus': [core => `Endpoint=sb://bus.internal/;SharedAccessKeyName=all;SharedAccessKey=${core}=`],
  'aws secret': [core => `aws_secret_access_key = ${core}`, 'word', 40],
  'aws environment': [core => `export AWS_SECRET_ACCESS_KEY="${core}"`, 'word', 40],
  'query key': [core => `https://api.internal/v1?alt=sse&key=${core}&page=2`],
  'query token': [core => `https://api.internal/v1?access_token=${core}`],
  'query signature': [core => `https://blob.internal/file?sv=2024&sig=${core}%3D`],
  'fragment token': [core => `https://app.internal/done#access_token=${core}&expires_in=3600`],
  'environment file': [core => `DB_PASSWORD='${core}'`],
  yaml: [core => `password: ${core}`],
  'yaml token': [core => `github_token: ${core}`],
  json: [core => `{"user": "ada", "password": "${core}"}`],
  'json with spaces': [core => `{"user": "ada", "password": "correct horse ${core}"}`],
  'json token': [core => `{"token": "${core}"}`],
  'json in json': [core => JSON.stringify(JSON.stringify({ client_secret: `two words ${core}` })).slice(1, -1)],
  'json short': [core => `{"user": "ada", "pass": "${core}"}`],
  'json pw': [core => `{"pw": "${core}"}`],
  'docker settings': [core => `{"auths": {"registry.internal": {"auth": "${core}=="}}}`, 'word', 34],
  'entry of an environment': [core => `{"name": "DB_PASSWORD", "value": "${core}"}`],
  'entry in YAML': [core => `- name: DB_PASSWORD\n  value: ${core}`],
  'entry in XML': [core => `<add key="ApiKey" value="${core}"/>`],
  'member of os.environ': [core => `os.environ["OPENAI_API_KEY"] = "${core}"`],
  'flag in a list': [core => `["deploy", "--token", "${core}"]`],
  'short name in YAML': [core => `db_pass: ${core}`],
  'header of Azure Functions': [core => `x-functions-key: ${core}`],
  netrc: [core => `machine api.internal login ada password ${core}`],
  'password of mysql': [core => `mysql -u root -p${core} shop`],
  'error of a provider': [core => `Incorrect API key provided: ${core}`],
  'sentence about a key': [core => `Please use the API key ${core} for that.`],
  'sentence about a password': [core => `my password is ${core}`],
  'python repr': [core => `{'user': 'ada', 'api_key': 'two words ${core}'}`],
  'ruby hash': [core => `{ :user => "ada", "secret_key" => "${core}" }`],
  xml: [core => `<login><user>ada</user><password>${core}</password></login>`],
  'header of Digest': [core => `Authorization: Digest username="ada", realm="x", response="${core}"`],
  'header of NTLM': [core => `Authorization: NTLM ${core}`],
  'signature of AWS': [
    core => `Authorization: AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=${core}`,
    'hex',
    64,
  ],
  'bytes in Python': [core => `client(api_key=b"${core}")`],
  'member of bytes': [core => `{'api_key': b'two words ${core}'}`],
  'raw text in Python': [core => `password = r"two words ${core}"`],
  'assignment in Go': [core => `token := "${core}"`],
  'user of curl': [core => `curl -u ada:${core} https://api.internal/`],
  'long user of curl': [core => `curl --user ada:${core} https://api.internal/`],
  sshpass: [core => `sshpass -p ${core} ssh ada@host`],
  'password in SQL': [core => `CREATE USER ada IDENTIFIED BY '${core}'`],
  redis: [core => `requirepass ${core}`],
  'flag with a space': [core => `mysql --user ada --password ${core} shop`],
  'flag with =': [core => `deploy --token=${core} --dry-run`],
};

/** The names of all forms. */
export const FORMS: readonly string[] = [...Object.keys(BY_SHAPE), ...Object.keys(BY_NAME)];

/** Names of fields whose values are secrets, whatever they look like. */
export const SECRET_FIELDS: readonly string[] = [
  ...['password', 'passwd', 'pwd', 'passphrase', 'db_password', 'userPassword', 'PGPASSWORD'],
  ...['api_key', 'apiKey', 'apikey', 'x-api-key', 'OPENAI_API_KEY', 'subscription_key', 'account_key', 'accessKey'],
  ...['token', 'access_token', 'refreshToken', 'id_token', 'auth_token', 'github_token', 'bot-token'],
  ...['secret', 'client_secret', 'secretKey', 'aws_secret_access_key', 'private_key', 'signing_key'],
  ...['authorization', 'Authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'credentials', 'credential'],
];

function pem(kind: string, core: string): string {
  return glue('-----BEGIN ', kind, `-----\n${core.slice(0, 16)}\n${core.slice(16)}\n-----END `, kind, '-----');
}

/** The same number of letters: a value that no digit tells from a word. */
const letters = (core: string): string => core.replace(/\d/g, digit => 'ghijklmnop'[Number(digit)]!);

const ALPHABETS: Readonly<Record<Alphabet, string>> = {
  word: 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789',
  hex: '0123456789abcdef',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
};

/** Random, and always with a digit in it, so that its form does not depend on luck. */
export function randomCore(alphabet: Alphabet = 'word', length = 32): string {
  const letters = ALPHABETS[alphabet];
  const text = [...randomBytes(length)].map(byte => letters[byte % letters.length]!).join('');
  return `${text.slice(0, 4)}7${text.slice(5)}`;
}

/** All that was planted, and what it was planted for. */
export class Planter {
  readonly secrets: Secret[] = [];
  /** Words without any secret in them: what proves that a search finds what is there. */
  readonly controls = new Map<string, string>();

  /** A value that says nothing by itself; only the name of its field does. */
  value(place: string): string {
    return `two words ${this.#core(place)}`;
  }

  /** A word of no known form. */
  word(place: string): string {
    return this.#core(place);
  }

  /** A number of 14 digits. */
  number(place: string): number {
    const digits = randomInt(10 ** 13, 10 ** 14);
    this.secrets.push({ name: place, core: String(digits) });
    return digits;
  }

  /** Every form of both kinds. */
  texts(place: string): string {
    return `${this.#text(BY_SHAPE, place)}\n${this.#text(BY_NAME, place)}`;
  }

  /** One form, in one line. */
  one(place: string, shape = 'openai project'): string {
    const [text, alphabet, length] = (BY_SHAPE[shape] ?? BY_NAME[shape])!;
    return text(this.#core(`${shape} at ${place}`, alphabet, length));
  }

  /** An object with every field whose name says that its value is a secret. */
  fields(place: string): Record<string, string> {
    return Object.fromEntries(SECRET_FIELDS.map(name => [name, this.value(`field ${name} at ${place}`)]));
  }

  /** A harmless word that is found where its place is shown. */
  control(place: string): string {
    const word = `harmless${randomBytes(6).toString('hex')}`;
    this.controls.set(place, word);
    return word;
  }

  #text(forms: Readonly<Record<string, Form>>, place: string): string {
    const lines = Object.keys(forms).map(shape => `Here is ${shape}:\n${this.one(place, shape)}\nand more.`);
    return lines.join('\n');
  }

  #core(name: string, alphabet?: Alphabet, length?: number): string {
    const core = randomCore(alphabet, length);
    this.secrets.push({ name, core });
    if (/of letters|proxy header/.test(name)) this.secrets.push({ name, core: letters(core) });
    return core;
  }
}
