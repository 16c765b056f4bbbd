/**
 * Takes credentials and the user's own patterns out of texts before they leave the process: content, error messages,
 * attributes, notices. A missed secret is worse than a word too many, but identifiers must survive: every pattern has a
 * prefix or a name that only credentials have.
 */
import { Problem } from '../errors.js';
import { redactEncoded } from './redact-encoded.js';
import { NAMED_PATTERNS, type NamedPattern } from './redact-named.js';
import { WORD_BEGIN } from './secret-names.js';

export const REDACTED = '[REDACTED]';

export type Redactor = (text: string) => string;

/** For beginnings that could be a word of `some-longer-name` as well. */
const APART = '(?<![_-])';

/**
 * Key formats as the issuers publish them, as how they begin and what follows; each is one alternative of one expression, so
 * that a text is read once.
 */
const TOKENS: readonly (readonly [begin: string, rest: string])[] = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek, Stripe
  [`${APART}sk[-_]`, '[A-Za-z0-9_-]{16,}'],
  ['sk[-_](?:admin|ant|lf|live|or|proj|svcacct|test)[-_]', '[A-Za-z0-9_-]{16,}'],
  ['rk_(?:live|test)_', '[A-Za-z0-9]{16,}'],
  ['whsec_', '[A-Za-z0-9+/]{16,}'],
  // Groq, xAI, Perplexity, NVIDIA, Replicate, Hugging Face, Fireworks, Cerebras, Together, Voyage, Databricks
  ['gsk_', '[A-Za-z0-9]{20,}'],
  ['xai-', '[A-Za-z0-9]{20,}'],
  ['pplx-', '[A-Za-z0-9]{20,}'],
  ['nvapi-', '[A-Za-z0-9_-]{20,}'],
  [`${APART}r8_`, '[A-Za-z0-9]{20,}'],
  ['hf_', '[A-Za-z0-9]{20,}'],
  [`${APART}fw_`, '[A-Za-z0-9]{16,}'],
  [`${APART}csk-`, '[A-Za-z0-9]{20,}'],
  ['tgp_v1_', '[A-Za-z0-9_-]{20,}'],
  [`${APART}pa-`, '[A-Za-z0-9_-]{32,}'],
  [`${APART}dapi`, '[0-9a-f]{32}'],
  // Tavily, LangSmith, Pinecone, Linear
  ['tvly-', '[A-Za-z0-9-]{16,}'],
  ['lsv2_', '[A-Za-z0-9_]{20,}'],
  ['pcsk_', '[A-Za-z0-9_]{16,}'],
  ['lin_(?:api|oauth)_', '[A-Za-z0-9]{16,}'],
  // AWS (Bedrock too), Google, GitHub, GitLab, Slack, npm, PyPI
  ['A[KS]IA', '[0-9A-Z]{16}'],
  ['ABSK', '[A-Za-z0-9+/]{20,}'],
  ['GOCSPX-', '[A-Za-z0-9_-]{16,}'],
  ['AIza', '[0-9A-Za-z_-]{30,}'],
  ['ya29\\.', '[0-9A-Za-z_-]{20,}'],
  ['gh[pousr]_', '[A-Za-z0-9]{20,}'],
  ['github_pat_', '[A-Za-z0-9_]{20,}'],
  ['glpat-', '[A-Za-z0-9_-]{16,}'],
  ['xox[abeprs]-', '[A-Za-z0-9-]{10,}'],
  ['xapp-', '[A-Za-z0-9-]{16,}'],
  ['hooks\\.slack\\.com/', '[A-Za-z0-9/]{20,}'],
  ['npm_', '[A-Za-z0-9]{36}'],
  ['pypi-', '[A-Za-z0-9_-]{20,}'],
  // SendGrid, Shopify, DigitalOcean, Vault, Grafana, Docker
  ['SG\\.', '[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}'],
  ['shp(?:at|ca|pa|ss)_', '[0-9a-f]{32}'],
  ['do[opr]_v1_', '[0-9a-f]{64}'],
  ['hv[bs]\\.', '[A-Za-z0-9_-]{20,}'],
  ['gl(?:sa|c)_', '[A-Za-z0-9_+/=]{20,}'],
  ['dckr_[op]at_', '[A-Za-z0-9_-]{20,}'],
  // Supabase, Atlassian, Notion, Sentry, PostHog, Square, age, Google
  ['sbp_', '[0-9a-f]{40}'],
  ['sb_secret_', '[A-Za-z0-9_-]{16,}'],
  ['ATATT3x', '[A-Za-z0-9_=-]{20,}'],
  ['ntn_', '[A-Za-z0-9]{20,}'],
  ['sntrys_', '[A-Za-z0-9_+/=-]{20,}'],
  ['phx_', '[A-Za-z0-9]{20,}'],
  ['sq0(?:atp|csp)-', '[A-Za-z0-9_-]{20,}'],
  ['AGE-SECRET-KEY-1', '[0-9A-Z]{20,}'],
  ['1//0', '[A-Za-z0-9_-]{30,}'],
  // Jina, Firecrawl, E2B, Browserbase, RunPod, Anyscale, Cursor, Logfire, Hugging Face organisations
  ['jina_', '[A-Za-z0-9_-]{30,}'],
  [`${APART}fc-`, '[0-9a-f]{32}'],
  ['e2b_', '[0-9a-f]{40}'],
  ['bb_(?:live|test)_', '[A-Za-z0-9_-]{20,}'],
  ['rpa_', '[0-9A-Z]{30,}'],
  ['esecret_', '[A-Za-z0-9]{20,}'],
  ['crsr_', '[0-9a-f]{40,}'],
  ['pylf_v\\d_', '[A-Za-z0-9_]{30,}'],
  ['api_org_', '[A-Za-z0-9]{30,}'],
  // Vercel, Netlify, Render, Neon, PlanetScale, Doppler, Fly, Heroku, Cloudflare, Resend
  [`${APART}vc[aikpr]_`, '[A-Za-z0-9]{24,}'],
  [`${APART}nf[cop]_`, '[A-Za-z0-9]{30,}'],
  [`${APART}rnd_`, '[A-Za-z0-9]{24,}'],
  ['napi_', '[A-Za-z0-9]{40,}'],
  ['pscale_(?:oauth|pw|tkn)_', '[A-Za-z0-9_.-]{30,}'],
  ['dp\\.(?:audit|ct|pt|sa|scim|st)\\.', '[A-Za-z0-9_.-]{36,}'],
  ['fm[12][ar]?_', '[A-Za-z0-9+/=_-]{40,}'],
  ['HRKU-', '[A-Za-z0-9_-]{30,}'],
  ['cf(?:at|ut)_', '[A-Za-z0-9_-]{36,}'],
  [`${APART}re_`, '[A-Za-z0-9]{6,10}_[A-Za-z0-9]{20,}'],
  // Figma, Postman, Airtable, HubSpot, Mailgun, Twilio, Notion, New Relic, Honeycomb, Dynatrace, JFrog, Dropbox, Terraform, RubyGems
  ['figd_', '[A-Za-z0-9_-]{30,}'],
  ['PMAK-', '[0-9a-f-]{50,}'],
  [`${APART}pat`, '[A-Za-z0-9]{14}\\.[0-9a-f]{64}'],
  ['pat-(?:ap|eu|na)\\d-', '[0-9a-f-]{36}'],
  [`${APART}key-`, '[0-9a-f]{32}'],
  ['SK', '[0-9a-f]{32}'],
  [`${APART}secret_`, '[A-Za-z0-9]{40,}'],
  ['NRAK-', '[0-9A-Z]{27}'],
  ['hc[ab]ik_', '[A-Za-z0-9]{40,}'],
  ['dt0[cs]\\d\\d\\.', '[0-9A-Z]{24}\\.[0-9A-Z]{64}'],
  ['AKCp', '[A-Za-z0-9]{60,}'],
  ['sl\\.u\\.', '[A-Za-z0-9_-]{60,}'],
  ['atlasv1\\.', '[A-Za-z0-9_=-]{50,}'],
  ['rubygems_', '[0-9a-f]{40,}'],
  // The other tokens of GitLab; a webhook of Teams
  ['gl(?:agent|cbt|dt|ffct|ft|imt|oas|ptt|rt|soat)-', '[A-Za-z0-9_.-]{16,}'],
  ['webhook\\.office\\.com/', '[A-Za-z0-9@/_-]{40,}'],
  // Gemini's newer keys, Apify, SonarQube, Pulumi, CircleCI, Bitbucket, Fly, Facebook and Square
  ['AQ\\.', '[A-Za-z0-9_-]{30,}'],
  ['apify_api_', '[A-Za-z0-9]{30,}'],
  ['sq[apu]_', '[0-9a-f]{40}'],
  [`${APART}pul-`, '[0-9a-f]{40}'],
  ['CCIPAT_', '[A-Za-z0-9]{20,}_[0-9a-f]{40}'],
  ['ATBB', '[A-Za-z0-9]{28,}'],
  [`${APART}fo1_`, '[A-Za-z0-9_-]{40,}'],
  ['EAA[A-Za-z]', '[A-Za-z0-9_-]{60,}'],
  // JSON Web Tokens, also encrypted ones of five parts
  ['eyJ', '[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){2,4}'],
];

const TOKEN = new RegExp(`${WORD_BEGIN}(?:${TOKENS.map(([begin, rest]) => begin + rest).join('|')})`, 'g');
/**
 * How tokens begin, in a form that is searched four times as fast as `TOKEN` (1.4 for 5.7 ns a character of prose, which was
 * the larger part of all redaction): a beginning that ends in `-` or `_` is looked for by that rare character.
 */
const isMarked = ([begin]: (typeof TOKENS)[number]) => /[-_]\]?$/.test(begin);
const beginnings = (tokens: typeof TOKENS) => tokens.map(([begin]) => begin).join('|');
const MARKED_TOKEN = new RegExp(`[-_](?<=${WORD_BEGIN}(?:${beginnings(TOKENS.filter(isMarked))}))`);
const OTHER_TOKEN = new RegExp(beginnings(TOKENS.filter(token => !isMarked(token))));

const PRIVATE_KEY =
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g;
/**
 * A scheme of HTTP authentication with something that is no word after it. What follows `Basic` is base64, and a token is
 * long: "basic Python3.11" and "token limit-2024" are not meant. The word comes first and what stands before it second: so
 * most of a text is passed over at its letters.
 */
const AUTHORIZATION = new RegExp(
  `(Bearer|Basic|Token)(?<=${WORD_BEGIN}\\1)\\s+(?:(?<=Bearer\\s+)(?=[^\\s"',;]{0,4096}[\\d=])|` +
    `(?<=Token\\s+)(?=[^\\s"',;]{0,4096}\\d)(?=\\S{16})|` +
    '(?<=Basic\\s+)(?=(?:[A-Za-z0-9+/]{8,4096}={1,2}|[A-Za-z0-9+/]{16,4096}|(?:[A-Za-z0-9+/]{4}){2,1024})(?![\\w.~+/=-])|' +
    '[A-Za-z0-9+/]{20})(?=\\S{0,4096}[\\d=]))' +
    '[A-Za-z0-9._~+/=-]{8,}',
  'gi',
);
const USER_INFO = /:\/\/[^\s/@:"']+:[^\s/"']+@/g;
const SECRET_NAME =
  '(?:api[_-]?key|x-goog-api-key|(?:access|refresh|auth|session|id|security)[_-]?token|client[_-]?secret|' +
  'secret(?:[_-]?(?:access[_-]?)?key)?|private[_-]?key|passw(?:or)?d|passphrase|authorization|cookie)';
/**
 * A sentence after "The secret: ": a word as people write it, and another one that begins no assignment of its own. One
 * word alone may be a password, and so may what is written like none.
 */
const WORD = "[*_]*\\p{Lu}?[\\p{Ll}\\p{Lo}]+(?:['’-][\\p{Ll}\\p{Lo}]+)*[*_]*";
const SENTENCE = `(?<=[A-Za-z]:\\s{1,3})${WORD}[.!?,;]?(?:[ \\t]+[—–])?[ \\t]+["“(*_]*\\p{L}[\\p{L}'’-]*(?![\\p{L}\\p{N}_'’-]|\\s*[:=])`;
const anyCase = (source: string) => source.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`);
/**
 * `api_key=…`, `"password": "…"`, `x-api-key: …`, `?key=AIza…`: the name stays, the value goes. What stands before the name
 * (`my_api_key`) is left to itself: to match it as well made this expression cost more than all others together.
 */
const NAMED = new RegExp(
  `(${anyCase(SECRET_NAME)}["']?\\s*[:=]\\s*["']?)(?!\\[REDACTED|${SENTENCE})[^\\s"',;&}]{6,}`,
  'gu',
);
/**
 * The same in quotes, which hold the whole value: words of a passphrase, two characters of a JSON member, and all of it
 * once more inside the text of another JSON.
 */
const QUOTED = new RegExp(
  `(${anyCase(SECRET_NAME)}(?:\\\\*["'])?\\s*[:=]\\s*(\\\\*["']))(?!\\[REDACTED)(?:(?<=["']\\s*:\\s*\\\\*["'])|(?=[^\\n]{6}))` +
    `(?:\\\\{1,8}\\2|(?!\\2)[^\\n]){1,4096}(?=\\2)`,
  'gu',
);
/** The end of a secret's name before what assigns to it, searched by the rarer character: a fifth of the cost of the whole. */
const ASSIGNS = new RegExp(
  `[:=](?<=${anyCase('(?:key|token|secret|passw(?:or)?d|passphrase|authorization|cookie)')}\\\\*["']?\\s*[:=])`,
);
const assigns = (text: string): boolean => (text.includes(':') || text.includes('=')) && ASSIGNS.test(text);
const QUERY_KEY = /([?&](?:key|sig|signature|token|code)=)[^&\s"'#]+/gi;

/**
 * In the order in which they are applied. Exported for the test that holds `mayMatch` to its word. Most texts hold no
 * credential, so `mayMatch` is what redaction costs.
 */
export const PATTERNS: readonly NamedPattern[] = [
  { expression: PRIVATE_KEY, instead: REDACTED, mayMatch: text => text.includes('-----BEGIN ') },
  ...NAMED_PATTERNS,
  { expression: TOKEN, instead: REDACTED, mayMatch: text => MARKED_TOKEN.test(text) || OTHER_TOKEN.test(text) },
  { expression: AUTHORIZATION, instead: `$1 ${REDACTED}`, mayMatch: text => /\s/.test(text) },
  { expression: USER_INFO, instead: `://${REDACTED}@`, mayMatch: text => text.includes('://') },
  { expression: QUOTED, instead: `$1${REDACTED}`, mayMatch: assigns },
  { expression: NAMED, instead: `$1${REDACTED}`, mayMatch: assigns },
  {
    expression: QUERY_KEY,
    instead: `$1${REDACTED}`,
    mayMatch: text => text.includes('=') && (text.includes('?') || text.includes('&')),
  },
];

/** Takes credentials out of a text; what is none stays byte for byte. */
export const redactCredentials: Redactor = text => redactLayer(text, ENCODED_LAYERS);

/** How often a text that is encoded may be encoded once more. */
const ENCODED_LAYERS = 3;

function redactLayer(text: string, layers: number): string {
  // Nothing that could hold a credential is shorter.
  if (text.length < 8) return text;
  let rest = text;
  for (const { expression, instead, mayMatch } of PATTERNS) {
    if (mayMatch(rest)) rest = rest.replace(expression, instead);
  }
  return layers === 0 ? rest : redactEncoded(rest, inner => redactLayer(inner, layers - 1), REDACTED);
}

/**
 * Credentials and the user's patterns (JavaScript regular expressions, searched everywhere). Throws a `Problem` that names
 * a pattern that is none; the caller must then keep content off.
 */
export function createRedactor(patterns: readonly string[]): Redactor {
  const own = patterns.map(pattern => {
    try {
      return new RegExp(pattern, 'gu');
    } catch (error) {
      throw new Problem({
        code: 'REDACT_PATTERN',
        message: `The redaction pattern ${JSON.stringify(pattern)} is no regular expression`,
        reason: (error as Error).message,
      });
    }
  });
  if (own.length === 0) return redactCredentials;
  return text => own.reduce((rest, pattern) => rest.replace(pattern, REDACTED), redactCredentials(text));
}
