"""OpenAI's Agents SDK, by the spans of its own tracing. A processor of ours would be listed, and lost where the program
sets its own; and without tracing (often switched off with other providers' keys) its spans still begin and end.
"""
import json
import sys

from . import arm as hooks
from . import spans, wrap

# Identity of one of its objects -> the span of ours that stands for it, and whether it is its own and not its parent's.
_spans = {}


def arm(module):
    """:param module: `agents.tracing.spans`"""
    _wrap(module, ("SpanImpl", "NoOpSpan"), _span_started, _span_ended)
    traces = lambda there: _wrap(there, ("TraceImpl", "NoOpTrace"), _trace_started, _trace_ended)  # noqa: E731
    hooks.when_loaded("agents.tracing.traces", traces)
    spans.sources.append(_running)


def _wrap(module, owners, started, ended):
    for owner in owners:
        wrap.method(getattr(module, owner), "start", started)
        wrap.method(getattr(module, owner), "finish", ended)


def _running():
    """What its own context variables say, so nothing of ours stays attached."""
    scope = sys.modules["agents.tracing.scope"].Scope
    return (_spans.get(id(scope.get_current_span())) or _spans.get(id(scope.get_current_trace())) or (None,))[0]


def _trace_started(trace, args, kwargs):
    group = getattr(trace, "group_id", None)
    facts = {"gen_ai.conversation.id": group} if group else {}
    if trace.name != "no-op":
        span = spans.operation("openai-agents", "invoke_workflow", trace.name, None, facts)
    else:
        # Tracing is off, and the name is gone.
        facts["gen_ai.operation.name"] = "invoke_workflow"
        span = spans.begin("openai-agents", "invoke_workflow", None, facts)
    _spans[id(trace)] = (span, True)


def _trace_ended(trace, args, kwargs):
    if id(trace) in _spans:
        spans.end(_spans.pop(id(trace))[0])


def _span_started(span, args, kwargs):
    data, parent = span.span_data, _running()
    if data.type == "agent":
        ours = spans.operation("openai-agents", "invoke_agent", data.name, parent)
    elif data.type == "function":
        ours = spans.operation("openai-agents", "execute_tool", data.name, parent, {"gen_ai.tool.type": "function"})
    elif data.type in ("handoff", "guardrail", "custom"):
        ours = spans.begin("openai-agents", getattr(data, "name", None) or data.type, parent)
    else:
        # The model's calls are on the wire; tasks and turns have no name.
        ours = parent
    _spans[id(span)] = (ours, ours is not parent)


def _span_ended(span, args, kwargs):
    ours, own = _spans.pop(id(span), (None, False))
    if not own:
        return
    data = span.span_data
    if data.type == "handoff" and data.to_agent:
        ours.name = "handoff to " + data.to_agent
    if data.type == "guardrail":
        ours.attributes["guardrail.triggered"] = data.triggered
    if data.type == "function" and spans.content():
        for key, value in (("arguments", data.input), ("result", data.output)):
            ours.attributes["gen_ai.tool.call." + key] = value if isinstance(value, str) else json.dumps(value, default=str)
    if span.error is not None:
        spans.failed(ours, "_OTHER", span.error.get("message"))
    spans.end(ours)
