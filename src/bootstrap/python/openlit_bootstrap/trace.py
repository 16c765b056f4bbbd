"""The span that is active when a request leaves, and whether the program reports this call itself."""
import sys

from . import places


def current():
    """(trace id, span id, flags) as hex text and a number, of a framework's span that is not on the wire; wins over the
    program's own span. `spans` puts its own function here once a framework is there.
    """
    return None


# Operations whose span is the model call itself. A span of an agent, a tool or a chain is a parent, not a duplicate.
_CALLS = ("chat", "text_completion", "embeddings", "generate_content")


def context():
    """The payload of a `request` frame: `parent` and `reported`, both absent where there is nothing to say."""
    facts = {}
    modules = sys.modules
    # Our copy of OpenLIT's SDK, which is there while it imports something, has no file.
    if getattr(modules.get("openlit"), "__file__", None):
        facts["reported"] = "the program uses openlit itself"
    mine = current()
    if mine is not None:
        facts["parent"] = {"traceId": mine[0], "spanId": mine[1], "traceFlags": mine[2]}
        return facts
    module = modules.get("opentelemetry.trace")
    if module is None:
        return facts
    # An API of another age, or half imported, says nothing.
    places.guarded(_app, module, facts)
    return facts


def _app(module, facts):
    span = module.get_current_span()
    ids = span.get_span_context()
    if ids.is_valid:
        parent = {"traceId": "%032x" % ids.trace_id, "spanId": "%016x" % ids.span_id, "traceFlags": int(ids.trace_flags)}
        if ids.trace_state:
            parent["traceState"] = ids.trace_state.to_header()
        facts["parent"] = parent
        if reports_call(getattr(span, "attributes", None)):
            facts["reported"] = "the active span"
    whole = sys.modules["opentelemetry.context"]
    key = getattr(whole, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation")
    if whole.get_value(key) or whole.get_value("suppress_instrumentation"):
        facts["reported"] = "a suppressed context"


def reports_call(attributes):
    """Whether these are the attributes of a span for a model call: conventions old and new, OpenInference, Traceloop."""
    if not attributes:
        return False
    operation = attributes.get("gen_ai.operation.name")
    if operation is not None:
        return operation in _CALLS and attributes.get("gen_ai.request.model") is not None
    if attributes.get("openinference.span.kind") in ("LLM", "EMBEDDING"):
        return True
    return attributes.get("gen_ai.request.model") is not None or attributes.get("llm.request.type") is not None
