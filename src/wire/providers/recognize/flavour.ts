/**
 * On a host that nobody knows, and where the answer names nobody, the format's inventor stands for the provider: the
 * conventions define `gen_ai.provider.name` as the flavour of the format, not as who runs the server, and require it. So
 * vLLM behind OpenAI's API is `openai`, as every client library says it is; `server.address` tells where it runs.
 * @see https://github.com/open-telemetry/semantic-conventions-genai (`gen_ai.provider.name`, note)
 */

/** First word of a format's name -> provider. Formats that belong to nobody in particular have no row. */
const INVENTORS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  bedrock: 'aws.bedrock',
  cohere: 'cohere',
  mistral: 'mistral_ai',
  ollama: 'ollama',
  watsonx: 'ibm.watsonx.ai',
  cloudflare: 'cloudflare',
  dashscope: 'dashscope',
  vercel: 'vercel',
};

/** @param name of a format, such as `openai.chat` */
export function flavourOf(name: string): string | undefined {
  return INVENTORS[name.slice(0, name.indexOf('.'))];
}
