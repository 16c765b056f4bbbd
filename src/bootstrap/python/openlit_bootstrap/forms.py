"""The wire formats: how a request is known, which operation it is, and who reads it. The sibling of `src/wire/providers`."""
from . import cohere, decode, gemini, ollama, request
from .values import text

# The end of a request's path -> its format.
_PATHS = (
    ("/chat/completions", "chat"),
    ("/completions", "completions"),
    ("/responses", "responses"),
    ("/responses/compact", "responses"),
    ("/embeddings", "embeddings"),
    ("/messages", "messages"),
    (":generateContent", "gemini"),
    (":streamGenerateContent", "gemini"),
    (":embedContent", "gemini-embeddings"),
    (":batchEmbedContents", "gemini-embeddings"),
    ("/v1/chat", "cohere-v1"),
    ("/v2/chat", "cohere-v2"),
    ("/embed", "cohere-embed"),
    ("/rerank", "rerank"),
    ("/api/chat", "ollama-chat"),
    ("/api/generate", "ollama-generate"),
    ("/api/embed", "ollama-embed"),
    ("/api/embeddings", "ollama-embed"),
)

# Format -> operation, the provider that invented it, members of which a request has one, facts of the request, reader of
# the answer.
_FORMS = {
    "chat": ("chat", "openai", ("messages",), request.request_facts, decode.Response),
    "responses": ("chat", "openai", ("input", "prompt", "conversation"), request.request_facts, decode.Response),
    "messages": ("chat", "anthropic", ("messages",), request.request_facts, decode.Response),
    "completions": ("text_completion", "openai", ("prompt",), request.request_facts, decode.Response),
    "embeddings": ("embeddings", "openai", ("input",), request.request_facts, decode.Response),
    "gemini": ("generate_content", "gcp.gemini", ("contents",), gemini.request_facts, gemini.Answer),
    "gemini-embeddings": ("embeddings", "gcp.gemini", ("content", "requests"), gemini.request_facts, gemini.Embeddings),
    "cohere-v1": ("chat", "cohere", ("message",), cohere.request_facts, cohere.Answer),
    "cohere-v2": ("chat", "cohere", ("messages",), cohere.request_facts, cohere.Answer),
    "cohere-embed": ("embeddings", "cohere", ("texts", "inputs", "images"), cohere.request_facts, cohere.Embeddings),
    "rerank": ("rerank", "cohere", ("documents",), cohere.request_facts, cohere.Rerank),
    "ollama-chat": ("chat", "ollama", ("messages",), ollama.request_facts, ollama.Answer),
    "ollama-generate": ("text_completion", "ollama", ("prompt",), ollama.request_facts, ollama.Answer),
    "ollama-embed": ("embeddings", "ollama", ("input", "prompt"), ollama.request_facts, ollama.Embeddings),
}


def recognise(method, path):
    """The wire format of a request by its path, or None."""
    if method != "POST":
        return None
    path = path.partition("?")[0].rstrip("/")
    found = None
    for end, form in _PATHS:
        if path.endswith(end):
            # `/api/embed` is Ollama's, `/embed` alone is Cohere's: the longest end knows best.
            if found is None or len(end) > len(found[0]):
                found = (end, form)
    return found and found[1]


def is_request(form, body, facts):
    """Whether the body is one of this format: a path alone may belong to anybody."""
    return "gen_ai.request.model" in facts and any(name in body for name in _FORMS[form][2])


def operation(form):
    return _FORMS[form][0]


def inventor(form):
    """The provider that a host that nobody knows is taken for."""
    return _FORMS[form][1]


def request_facts(form, body, path, headers):
    """Facts of a request under the conventions' attribute names, as they were sent.

    :param headers: mapping of the request's fields, lower-case names
    """
    facts = _FORMS[form][3](form, body, path)
    conversation = _session(form, body, headers)
    if conversation is not None:
        facts["gen_ai.conversation.id"] = conversation
    return facts


def answer(form):
    """A reader of one answer."""
    return _FORMS[form][4](form)


def _session(form, body, headers):
    """Sessions of Codex (a header) and of Claude Code (a header, else the user id of its metadata)."""
    if form == "responses":
        return next((headers[name] for name in ("session_id", "session-id", "conversation_id") if headers.get(name)), None)
    if form != "messages":
        return None
    if headers.get("x-claude-code-session-id"):
        return headers["x-claude-code-session-id"]
    metadata = body.get("metadata")
    user = text(metadata.get("user_id")) if isinstance(metadata, dict) else None
    if user is None:
        return None
    if user.startswith("{"):
        return text((decode.parse(user) or {}).get("session_id"))
    at = user.rfind("_session_")
    return text(user[at + len("_session_") :]) if user.startswith("user_") and at > 0 else None
