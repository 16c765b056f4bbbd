"""OpenAI's Agents SDK, by the spans of its own tracing. A processor of ours would be listed, and lost where the program
sets its own; and without tracing (often switched off with other providers' keys) its spans still begin and end.
"""
import functools
import json
import sys

from . import libraries, report, spans

# Identity of one of its objects -> the span of ours that stands for it: its parent's where it has none of its own.
_spans = {}


def arm():
    """Call after the body of `agents.tracing.spans`."""
    module = sys.modules["agents.tracing.spans"]
    for owner in (module.SpanImpl, module.NoOpSpan):
        _wrap(owner, _span_started, _span_ended)
    libraries.when_loaded("agents.tracing.traces", _arm_traces)
    spans.sources.append(_running)


def _arm_traces():
    module = sys.modules["agents.tracing.traces"]
    for owner in (module.TraceImpl, module.NoOpTrace):
        _wrap(owner, _trace_started, _trace_ended)


def _wrap(owner, started, ended):
    for name, ours in (("start", started), ("finish", ended)):
        real = getattr(owner, name)

        @functools.wraps(real)
        def call(self, *args, _real=real, _ours=ours, **kwargs):
            try:
                _ours(self)
            except Exception as error:
                report.status("partial", "openai-agents: %s: %s" % (type(error).__name__, error))
            return _real(self, *args, **kwargs)

        setattr(owner, name, call)


def _running():
    """What its own context variables say, so nothing of ours stays attached."""
    scope = sys.modules["agents.tracing.scope"].Scope
    return _spans.get(id(scope.get_current_span())) or _spans.get(id(scope.get_current_trace()))


def _trace_started(trace):
    name, facts = trace.name, {"gen_ai.operation.name": "invoke_workflow"}
    # That is its name where tracing is off.
    if name != "no-op":
        facts["gen_ai.workflow.name"] = name
    if getattr(trace, "group_id", None):
        facts["gen_ai.conversation.id"] = trace.group_id
    name = "invoke_workflow " + facts.get("gen_ai.workflow.name", "")
    _spans[id(trace)] = spans.begin("openai_agents", name.strip(), None, facts)


def _trace_ended(trace):
    span = _spans.pop(id(trace), None)
    if span is not None:
        spans.end(span)


def _span_started(span):
    data, parent = span.span_data, _running()
    if data.type == "agent":
        facts = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": data.name}
        ours = spans.begin("openai_agents", "invoke_agent " + data.name, parent, facts)
    elif data.type == "function":
        facts = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": data.name, "gen_ai.tool.type": "function"}
        ours = spans.begin("openai_agents", "execute_tool " + data.name, parent, facts)
    elif data.type in ("handoff", "guardrail", "custom"):
        ours = spans.begin("openai_agents", getattr(data, "name", None) or data.type, parent)
    else:
        # The model's calls are on the wire; tasks and turns have no name.
        if parent is not None:
            _spans[id(span)] = parent
        return
    _spans[id(span)] = ours


def _span_ended(span):
    ours, data = _spans.pop(id(span), None), span.span_data
    if ours is None or data.type not in ("agent", "function", "handoff", "guardrail", "custom"):
        return
    if data.type == "handoff" and data.to_agent:
        ours.name = "handoff to " + data.to_agent
    if data.type == "guardrail":
        ours.attributes["guardrail.triggered"] = data.triggered
    if data.type == "function" and spans.content():
        for key, value in (("arguments", data.input), ("result", data.output)):
            ours.attributes["gen_ai.tool.call." + key] = value if isinstance(value, str) else json.dumps(value, default=str)
    if span.error is not None:
        ours.attributes["error.type"] = "_OTHER"
        ours.status = {"code": 2}
    spans.end(ours)
