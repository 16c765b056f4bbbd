"""Which import makes what of ours useful: one row a library.

Provider clients have no row: their calls are on the wire, where the tap sees them. Nor have web frameworks and databases.
"""
import functools
import sys

# Module whose body has run -> (name for the settings, our module, its function): frameworks with a hook of their own.
NATIVE = {
    "langchain_core.callbacks.manager": ("langchain", "langchain", "arm"),
    "agents.tracing.spans": ("openai-agents", "openai_agents", "arm"),
    "pydantic_ai": ("pydantic_ai", "frameworks", "pydantic_ai"),
    "haystack.tracing.tracer": ("haystack", "haystack", "arm"),
    "strands.telemetry.tracer": ("strands", "frameworks", "own_tracer", "strands", "strands.telemetry.tracer", "trace_api"),
    "agent_framework.observability": ("agent-framework", "frameworks", "own_tracer", "agent-framework", "agent_framework.observability", "trace"),
    "google.adk.telemetry.tracing": ("google-adk", "frameworks", "own_tracer", "google-adk", "google.adk.telemetry.tracing", "tracer"),
    "mcp.shared._otel": ("mcp", "frameworks", "own_tracer", "mcp", "mcp.shared._otel", "_tracer"),
}

# Module whose body has run -> instrumentor of OpenLIT's SDK. The concrete module where its package loads its parts late.
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
    "mcp.shared.session": "mcp",
    "claude_agent_sdk": "claude-agent-sdk",
    "chromadb": "chroma",
    "pinecone": "pinecone",
    "qdrant_client": "qdrant",
    "pymilvus": "milvus",
    "astrapy": "astra",
    "transformers.pipelines.text_generation": "transformers",
    "gpt4all": "gpt4all",
    "vllm.entrypoints.llm": "vllm",
}

# What people write instead in OPENLIT_DISABLED_INSTRUMENTORS.
_ALIASES = {"langgraph": "langchain", "autogen": "ag2", "pyautogen": "ag2"}


def triggers(environ):
    """The rows that the settings leave on.

    :param environ: mapping of environment variables
    :returns: dict of module name -> function to call when its body has run
    """
    only, off = (_names(environ.get("OPENLIT_%s_INSTRUMENTORS" % word)) for word in ("ENABLED", "DISABLED"))
    rows = {module: (name, "arm", "sdk", name, module) for module, name in SDK.items()}
    rows.update(NATIVE)
    found = {}
    for module, (name, *what) in rows.items():
        if name.replace("_", "-") not in off and (not only or name.replace("_", "-") in only):
            found[module] = functools.partial(_run, name, *what)
    return found


def when_loaded(module, function):
    """Calls `function` now where `module` is loaded, else after its body has run, if that ever happens."""
    from . import watch

    if module in sys.modules:
        return function()
    before = watch.TRIGGERS.get(module)
    watch.TRIGGERS[module] = function if before is None else lambda: (before(), function())
    return None


def _run(*what):
    from . import arm

    arm.run(*what)


def _names(value):
    words = (word.strip().lower().replace("_", "-") for word in (value or "").replace(";", ",").split(","))
    return {_ALIASES.get(word, word) for word in words if word}
