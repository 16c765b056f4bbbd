"""Host of a request -> `gen_ai.provider.name`, by the rows of genai conventions and the vendors' own host names.

Only what the OpenAI and Anthropic client libraries are pointed at; a host that is not here keeps the provider that the
client library stands for.
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
}
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
    (".azuredatabricks.net", "databricks"),
    (".cloud.databricks.com", "databricks"),
)


def provider(host):
    """The provider behind a host name, or None."""
    host = (host or "").lower()
    found = _EXACT.get(host)
    if found is None:
        for ending, name in _ENDINGS:
            if host.endswith(ending):
                return name
        if host.startswith("bedrock-runtime") and ".amazonaws.com" in host:
            return "aws.bedrock"
    return found
