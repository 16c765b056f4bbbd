/**
 * Host -> provider. One row a provider; `openai`-compatible ones need nothing else. Names are those of the conventions,
 * else the vendor's own, lower-case.
 * @see https://github.com/open-telemetry/semantic-conventions-genai (values of `gen_ai.provider.name`)
 */

interface HostRow {
  readonly provider: string;
  /** Whole host names. */
  readonly hosts?: readonly string[];
  /** Ends of host names, with the dot; where a `begins` is given, both must hold. */
  readonly ends?: readonly string[];
  readonly begins?: readonly string[];
  /** The row holds only for paths that contain this. */
  readonly path?: string;
  /** Many providers behind one host: paths say little, so bodies decide too. */
  readonly gateway?: true;
}

const AWS = [
  '.amazonaws.com',
  '.amazonaws.com.cn',
  '.api.aws',
  '.amazonaws.eu',
  '.c2s.ic.gov',
  '.sc2s.sgov.gov',
  '.csp.hci.ic.gov',
];

/** In order: the first row that fits wins. */
const ROWS: readonly HostRow[] = [
  { provider: 'openai', hosts: ['api.openai.com'], ends: ['.api.openai.com'] },
  { provider: 'openai', hosts: ['chatgpt.com'], path: '/backend-api/codex/' },
  { provider: 'anthropic', hosts: ['api.anthropic.com', 'claude.googleapis.com'] },
  { provider: 'anthropic', begins: ['aws-external-anthropic.'], ends: ['.api.aws'] },
  { provider: 'anthropic', ends: ['.services.ai.azure.com'], path: '/anthropic/' },
  { provider: 'azure.ai.openai', ends: ['.openai.azure.com', '.openai.azure.us', '.openai.azure.cn'] },
  { provider: 'azure.ai.openai', ends: ['.cognitiveservices.azure.com', '.services.ai.azure.com'], path: '/openai/' },
  {
    provider: 'azure.ai.inference',
    hosts: ['models.inference.ai.azure.com'],
    ends: ['.services.ai.azure.com', '.models.ai.azure.com', '.inference.ai.azure.com'],
  },
  { provider: 'gcp.gemini', hosts: ['generativelanguage.googleapis.com'] },
  { provider: 'gcp.vertex_ai', hosts: ['aiplatform.googleapis.com'], ends: ['-aiplatform.googleapis.com'] },
  { provider: 'gcp.vertex_ai', begins: ['aiplatform.'], ends: ['.rep.googleapis.com'] },
  { provider: 'gcp.gen_ai', hosts: ['cloudcode-pa.googleapis.com'] },
  { provider: 'aws.bedrock', begins: ['bedrock-runtime', 'bedrock-mantle.'], ends: AWS },
  { provider: 'aws.bedrock', begins: ['vpce-'], ends: ['.vpce.amazonaws.com'], path: '/model/' },
  { provider: 'cohere', hosts: ['api.cohere.com', 'api.cohere.ai'] },
  {
    provider: 'mistral_ai',
    hosts: ['api.mistral.ai', 'codestral.mistral.ai'],
    begins: ['api.'],
    ends: ['.mistral.ai'],
  },
  { provider: 'groq', hosts: ['api.groq.com'] },
  { provider: 'deepseek', hosts: ['api.deepseek.com'] },
  { provider: 'x_ai', hosts: ['api.x.ai'], ends: ['.api.x.ai'] },
  { provider: 'perplexity', hosts: ['api.perplexity.ai'] },
  { provider: 'moonshot_ai', hosts: ['api.moonshot.ai', 'api.moonshot.cn'] },
  { provider: 'ibm.watsonx.ai', ends: ['.ml.cloud.ibm.com'] },
  { provider: 'openrouter', hosts: ['openrouter.ai'], path: '/api/' },
  { provider: 'together', hosts: ['api.together.ai', 'api.together.xyz'] },
  { provider: 'fireworks', hosts: ['api.fireworks.ai'] },
  { provider: 'cerebras', hosts: ['api.cerebras.ai'] },
  { provider: 'sambanova', hosts: ['api.sambanova.ai'] },
  { provider: 'nvidia', hosts: ['integrate.api.nvidia.com', 'ai.api.nvidia.com'] },
  {
    provider: 'huggingface',
    hosts: ['router.huggingface.co', 'api-inference.huggingface.co'],
    ends: ['.endpoints.huggingface.cloud'],
  },
  { provider: 'github', hosts: ['models.github.ai', 'api.githubcopilot.com'], ends: ['.githubcopilot.com'] },
  {
    provider: 'databricks',
    ends: ['.cloud.databricks.com', '.azuredatabricks.net', '.gcp.databricks.com'],
    path: '/serving-endpoints/',
  },
  {
    provider: 'databricks',
    ends: ['.cloud.databricks.com', '.azuredatabricks.net', '.gcp.databricks.com'],
    path: '/ai-gateway/',
  },
  { provider: 'snowflake', ends: ['.snowflakecomputing.com'], path: '/cortex/' },
  { provider: 'voyageai', hosts: ['api.voyageai.com'] },
  { provider: 'writer', hosts: ['api.writer.com'] },
  { provider: 'zai', hosts: ['api.z.ai', 'open.bigmodel.cn'] },
  { provider: 'ollama', hosts: ['ollama.com'] },
  { provider: 'crusoe', ends: ['.inference.crusoecloud.com'] },
  { provider: 'heroku', ends: ['.inference.heroku.com'] },
  { provider: 'deepinfra', hosts: ['api.deepinfra.com'] },
  { provider: 'hyperbolic', hosts: ['api.hyperbolic.xyz'] },
  { provider: 'novita', hosts: ['api.novita.ai'] },
  { provider: 'nebius', hosts: ['api.studio.nebius.ai', 'api.studio.nebius.com', 'api.tokenfactory.nebius.com'] },
  { provider: 'minimax', hosts: ['api.minimax.io', 'api.minimaxi.com', 'api.minimax.chat'] },
  {
    provider: 'dashscope',
    hosts: ['dashscope.aliyuncs.com', 'dashscope-intl.aliyuncs.com', 'dashscope-us.aliyuncs.com'],
  },
  { provider: 'volcengine', begins: ['ark.'], ends: ['.volces.com', '.bytepluses.com'] },
  { provider: 'baseten', hosts: ['inference.baseten.co'] },
  { provider: 'friendli', hosts: ['api.friendli.ai'] },
  { provider: 'lambda', hosts: ['api.lambda.ai'] },
  { provider: 'meta', hosts: ['api.llama.com'] },
  { provider: 'jina', hosts: ['api.jina.ai'] },
  { provider: 'ai21', hosts: ['api.ai21.com'] },
  { provider: 'wandb', hosts: ['api.inference.wandb.ai'] },
  { provider: 'oracle_cloud.generative_ai', begins: ['inference.generativeai.'], ends: ['.oraclecloud.com'] },
  { provider: 'vercel', hosts: ['ai-gateway.vercel.sh'], gateway: true },
  { provider: 'cloudflare', hosts: ['gateway.ai.cloudflare.com'], gateway: true },
  { provider: 'portkey', hosts: ['api.portkey.ai'], gateway: true },
  { provider: 'helicone', ends: ['.helicone.ai'], gateway: true },
];

/** Ollama's own port, on whatever host. */
const OLLAMA_PORT = 11_434;

const WHOLE = new Map<string, HostRow[]>();
for (const row of ROWS) for (const host of row.hosts ?? []) WHOLE.set(host, [...(WHOLE.get(host) ?? []), row]);
const PATTERNS = ROWS.filter(row => row.ends !== undefined);

export interface KnownHost {
  readonly provider: string;
  readonly gateway: boolean;
}

/** Lower-case name and port of a `Host` field, an IPv6 address without its brackets. */
export function splitHost(host: string): { name: string; port?: number } {
  const colon = host.lastIndexOf(':');
  const isIpv6 = host.startsWith('[');
  const hasPort = colon > 0 && (isIpv6 ? host[colon - 1] === ']' : host.indexOf(':') === colon);
  const withBrackets = hasPort ? host.slice(0, colon) : host;
  const name = (
    isIpv6 || withBrackets.endsWith(']') ? withBrackets.replace(/^\[|\]$/g, '') : withBrackets
  ).toLowerCase();
  const port = hasPort ? Number(host.slice(colon + 1)) : Number.NaN;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? { name, port } : { name };
}

/** Which provider answers at this host and path; `undefined` where nobody knows. */
export function knownHost(host: string, path: string): KnownHost | undefined {
  const { name, port } = splitHost(host);
  const fits = (row: HostRow) => row.path === undefined || path.includes(row.path);
  const row =
    WHOLE.get(name)?.find(fits) ??
    PATTERNS.find(
      each =>
        each.ends!.some(end => name.endsWith(end)) &&
        (each.begins === undefined || each.begins.some(begin => name.startsWith(begin))) &&
        fits(each),
    );
  if (row !== undefined) return { provider: row.provider, gateway: row.gateway === true };
  return port === OLLAMA_PORT ? { provider: 'ollama', gateway: false } : undefined;
}

/** Host names that can be resolved: for `ps`, which sees addresses only. */
export const HOST_NAMES: readonly string[] = [...WHOLE.keys()];

/** Which provider a host most likely belongs to, when no path is known. Never used to name a call. */
export function providerOfName(host: string): string | undefined {
  const { name } = splitHost(host);
  const row =
    WHOLE.get(name)?.[0] ??
    PATTERNS.find(
      each =>
        each.ends!.some(end => name.endsWith(end)) &&
        (each.begins === undefined || each.begins.some(begin => name.startsWith(begin))),
    );
  return row?.provider;
}
