"""Which import makes which of the SDK's instrumentors useful: one row a library."""

# Import name -> names of OpenLIT's instrumentors (its `_instrumentors.py`). Namespace packages (`google.genai`,
# `langgraph`) need nothing special: `watch` waits for a concrete submodule of theirs.
# Left out on purpose: web frameworks and HTTP clients (they are no LLM calls and would double spans), and databases.
TRIGGERS = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "cohere": ("cohere",),
    "mistralai": ("mistral",),
    "boto3": ("bedrock",),
    "oci": ("oci",),
    "vertexai": ("vertexai",),
    "groq": ("groq",),
    "ollama": ("ollama",),
    "gpt4all": ("gpt4all",),
    "elevenlabs": ("elevenlabs",),
    "vllm": ("vllm",),
    "google.genai": ("google-ai-studio",),
    "google.adk": ("google-adk",),
    "azure.ai.inference": ("azure-ai-inference",),
    "langchain_core": ("langchain",),
    "langgraph": ("langgraph",),
    "llama_index": ("llama_index",),
    "haystack": ("haystack",),
    "mem0": ("mem0",),
    "chromadb": ("chroma",),
    "pinecone": ("pinecone",),
    "qdrant_client": ("qdrant",),
    "pymilvus": ("milvus",),
    "transformers": ("transformers",),
    "litellm": ("litellm",),
    "crewai": ("crewai",),
    "ag2": ("ag2",),
    "autogen": ("autogen",),
    "pyautogen": ("pyautogen",),
    "multion": ("multion",),
    "dynamiq": ("dynamiq",),
    "agno": ("agno",),
    "reka": ("reka-api",),
    "premai": ("premai",),
    "julep": ("julep",),
    "astrapy": ("astra",),
    "ai21": ("ai21",),
    "controlflow": ("controlflow",),
    "assemblyai": ("assemblyai",),
    "crawl4ai": ("crawl4ai",),
    "firecrawl": ("firecrawl",),
    "letta_client": ("letta",),
    "together": ("together",),
    "pydo": ("pydo",),
    "gradient": ("gradient",),
    "agents": ("openai-agents",),
    "pydantic_ai": ("pydantic_ai",),
    "sarvamai": ("sarvam",),
    "browser_use": ("browser-use",),
    "mcp": ("mcp",),
    "claude_agent_sdk": ("claude-agent-sdk",),
    "agent_framework": ("agent-framework",),
    "strands": ("strands",),
    "smolagents": ("smolagents",),
}

# What people write instead of the instrumentor's name in OPENLIT_DISABLED_INSTRUMENTORS.
ALIASES = {
    "reka": "reka-api",
    "google": "google-ai-studio",
    "google-genai": "google-ai-studio",
    "google_ai_studio": "google-ai-studio",
    "azure_ai_inference": "azure-ai-inference",
    "openai_agents": "openai-agents",
    "browser_use": "browser-use",
    "google_adk": "google-adk",
    "claude_agent_sdk": "claude-agent-sdk",
    "agent_framework": "agent-framework",
    "oci_genai": "oci",
    "oci-genai": "oci",
    "digitalocean": "pydo",
    "digital_ocean": "pydo",
    "do_gradient": "gradient",
}


def _names(value):
    words = (value or "").replace(";", ",").split(",")
    return {ALIASES.get(word, word) for word in (w.strip().lower() for w in words) if word}


def wanted(environ):
    """The rows of TRIGGERS that the settings leave on.

    :param environ: mapping of environment variables
    :returns: dict of import name -> tuple of instrumentor names
    """
    only = _names(environ.get("OPENLIT_ENABLED_INSTRUMENTORS"))
    off = _names(environ.get("OPENLIT_DISABLED_INSTRUMENTORS"))
    rows = {}
    for trigger, names in TRIGGERS.items():
        kept = tuple(name for name in names if name not in off and (not only or name in only))
        if kept:
            rows[trigger] = kept
    return rows
