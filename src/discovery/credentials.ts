/** Names of variables that hold keys of model providers. Only names ever leave this file. */
const NAMES: readonly string[] = [
  'AI_GATEWAY_API_KEY', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'AZURE_OPENAI_API_KEY', 'CEREBRAS_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN', 'CODESTRAL_API_KEY', 'COHERE_API_KEY', 'CO_API_KEY', 'DASHSCOPE_API_KEY',
  'DEEPSEEK_API_KEY', 'FIREWORKS_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GROQ_API_KEY', 'HF_TOKEN',
  'HUGGINGFACEHUB_API_TOKEN', 'LITELLM_MASTER_KEY', 'MISTRAL_API_KEY', 'MOONSHOT_API_KEY', 'NVIDIA_API_KEY',
  'OPENAI_API_KEY', 'OPENROUTER_API_KEY', 'PERPLEXITY_API_KEY', 'REPLICATE_API_TOKEN', 'SAMBANOVA_API_KEY',
  'TOGETHER_API_KEY', 'VOYAGE_API_KEY', 'WATSONX_APIKEY', 'WRITER_API_KEY', 'XAI_API_KEY', 'ZAI_API_KEY',
]; // biome-ignore format: a dense list reads better

const BEDROCK_NAMES: readonly string[] = ['AWS_BEARER_TOKEN_BEDROCK'];

/** Names that are set and not empty, in alphabetical order. */
export function credentialNames(environment: ReadonlyMap<string, string> | undefined): string[] {
  if (!environment) return [];
  return [...NAMES, ...BEDROCK_NAMES].filter(name => environment.get(name)).sort();
}
