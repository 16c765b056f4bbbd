"""Host of a request -> `gen_ai.provider.name`, as in `src/wire/providers/recognize/hosts.ts`.

A host that is not here keeps the provider that the client library stands for.
"""

_EXACT = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x_ai",
    "api.perplexity.ai": "perplexity",
    "api.moonshot.ai": "moonshot_ai",
    "api.moonshot.cn": "moonshot_ai",
    "api.mistral.ai": "mistral_ai",
    "codestral.mistral.ai": "mistral_ai",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "openrouter.ai": "openrouter",
    "api.together.ai": "together",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "api.sambanova.ai": "sambanova",
    "integrate.api.nvidia.com": "nvidia",
    "ai.api.nvidia.com": "nvidia",
    "router.huggingface.co": "huggingface",
    "api-inference.huggingface.co": "huggingface",
    "models.github.ai": "github",
    "models.inference.ai.azure.com": "azure.ai.inference",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "api.voyageai.com": "voyageai",
    "ollama.com": "ollama",
    "chatgpt.com": "openai",
    "claude.googleapis.com": "anthropic",
    "cloudcode-pa.googleapis.com": "gcp.gen_ai",
    "api.githubcopilot.com": "github",
    "api.writer.com": "writer",
    "api.z.ai": "zai",
    "open.bigmodel.cn": "zai",
    "api.deepinfra.com": "deepinfra",
    "api.hyperbolic.xyz": "hyperbolic",
    "api.novita.ai": "novita",
    "api.studio.nebius.ai": "nebius",
    "api.studio.nebius.com": "nebius",
    "api.tokenfactory.nebius.com": "nebius",
    "api.minimax.io": "minimax",
    "api.minimaxi.com": "minimax",
    "api.minimax.chat": "minimax",
    "dashscope.aliyuncs.com": "dashscope",
    "dashscope-intl.aliyuncs.com": "dashscope",
    "dashscope-us.aliyuncs.com": "dashscope",
    "inference.baseten.co": "baseten",
    "api.friendli.ai": "friendli",
    "api.lambda.ai": "lambda",
    "api.llama.com": "meta",
    "api.jina.ai": "jina",
    "api.ai21.com": "ai21",
    "api.inference.wandb.ai": "wandb",
    "ai-gateway.vercel.sh": "vercel",
    "gateway.ai.cloudflare.com": "cloudflare",
    "api.portkey.ai": "portkey",
}
# End of a host, part of a path, provider: hosts of several providers.
_SHARED = (
    (".services.ai.azure.com", "/anthropic/", "anthropic"),
    (".services.ai.azure.com", "/openai/", "azure.ai.openai"),
    (".services.ai.azure.com", "", "azure.ai.inference"),
    (".snowflakecomputing.com", "/cortex/", "snowflake"),
)
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")
_ENDINGS = (
    (".api.openai.com", "openai"),
    (".openai.azure.com", "azure.ai.openai"),
    (".openai.azure.us", "azure.ai.openai"),
    (".cognitiveservices.azure.com", "azure.ai.openai"),
    (".models.ai.azure.com", "azure.ai.inference"),
    (".inference.ai.azure.com", "azure.ai.inference"),
    (".api.mistral.ai", "mistral_ai"),
    (".api.x.ai", "x_ai"),
    ("-aiplatform.googleapis.com", "gcp.vertex_ai"),
    (".endpoints.huggingface.cloud", "huggingface"),
    (".githubcopilot.com", "github"),
    (".openai.azure.cn", "azure.ai.openai"),
    (".inference.crusoecloud.com", "crusoe"),
    (".inference.heroku.com", "heroku"),
    (".helicone.ai", "helicone"),
    (".azuredatabricks.net", "databricks"),
    (".cloud.databricks.com", "databricks"),
)


def provider(host, path):
    """The provider behind a host name and a path, or None."""
    host = (host or "").lower()
    found = _EXACT.get(host)
    if found is not None:
        return found
    for ending, part, name in _SHARED:
        if host.endswith(ending) and part in path:
            return name
    for ending, name in _ENDINGS:
        if host.endswith(ending):
            return name
    if host.startswith(("bedrock-runtime", "bedrock-mantle.")) and host.endswith(_AWS):
        return "aws.bedrock"
    return None
