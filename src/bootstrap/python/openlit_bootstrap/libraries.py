"""Which import makes what of ours useful: one row a library.

Provider clients have no row: their calls are on the wire, where the tap sees them. Nor have web frameworks and databases.
"""

# Module whose body has run -> (name for the settings, function of ours that gets the module).
ROWS = {
    "langchain_core.callbacks.manager": ("langchain", "langchain.arm"),
    "agents.tracing.spans": ("openai-agents", "openai_agents.arm"),
    "pydantic_ai": ("pydantic-ai", "frameworks.pydantic_ai"),
    "haystack.tracing.tracer": ("haystack", "haystack.arm"),
    "strands.telemetry.tracer": ("strands", "frameworks.own_tracer"),
    "agent_framework.observability": ("agent-framework", "frameworks.own_tracer"),
    "google.adk.telemetry.tracing": ("google-adk", "frameworks.own_tracer"),
    "mcp.shared._otel": ("mcp", "frameworks.own_tracer"),
}

# Module whose body has run -> instrumentor of OpenLIT's SDK. The concrete module where its package loads its parts late.
# Without mcp below 2: there it makes a coroutine of an asynchronous context manager, and the program fails.
SDK = {
    "crewai": "crewai",
    "llama_index.core": "llama_index",
    "mem0": "mem0",
    "agno.agent.agent": "agno",
    "smolagents": "smolagents",
    "dynamiq": "dynamiq",
    "autogen": "ag2",
    "controlflow": "controlflow",
    "browser_use.agent.service": "browser-use",
    "claude_agent_sdk": "claude-agent-sdk",
    "chromadb": "chroma",
    "pinecone": "pinecone",
    "qdrant_client": "qdrant",
    "pymilvus": "milvus",
    "astrapy": "astra",
    "transformers.pipelines": "transformers",
    "gpt4all": "gpt4all",
    "vllm.entrypoints.llm": "vllm",
}
for _module, _name in SDK.items():
    ROWS[_module] = (_name, "arm.sdk")
