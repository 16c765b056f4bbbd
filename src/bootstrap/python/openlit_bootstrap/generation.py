"""Which generation of the GenAI conventions' names leaves: v1.41, or the development head behind the specification's opt-in.

The sibling of `src/calls/genai-attributes.ts`. Metrics keep the names of v1.41 (docs/python.md).
"""
import os

_SCHEMA = "https://opentelemetry.io/schemas/1.41.0"
_HEAD_SCHEMA = "https://opentelemetry.io/schemas/gen-ai/1.42.0"

# Facts that have no name in v1.41.
_HEAD_ONLY = frozenset(
    ["gen_ai.request.reasoning.level", "gen_ai.request.previous_response.id"]
    + ["gen_ai.usage.%s.%s_tokens" % (kind, side) for kind in ("text", "image", "audio") for side in ("input", "output")]
)
# A double in v1.41, an integer in the head.
_TOP_K = "gen_ai.request.top_k"
_RENAMED = {"gen_ai.usage.cache_creation.input_tokens": "gen_ai.usage.cache_write.input_tokens"}


def is_head():
    """Whether `OTEL_SEMCONV_STABILITY_OPT_IN`, a comma list, asks for the newest names."""
    words = os.environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "").split(",")
    return "gen_ai_latest_experimental" in [word.strip() for word in words]


def schema(signal):
    """The schema URL of one signal's scope."""
    return _HEAD_SCHEMA if signal != "metrics" and is_head() else _SCHEMA


def named(attributes):
    """The attributes of a span or event under the names of the generation that is asked for."""
    if is_head():
        return {_RENAMED.get(name, name): value for name, value in attributes.items()}
    found = {name: value for name, value in attributes.items() if name not in _HEAD_ONLY}
    if isinstance(found.get(_TOP_K), int):
        found[_TOP_K] = float(found[_TOP_K])
    return found
