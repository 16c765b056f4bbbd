"""Haystack, by the tracer that it offers to be given: pipelines, components, agents and their tools."""
import contextlib
import sys
from contextvars import ContextVar

from . import spans

_current = ContextVar("openlit_haystack", default=None)

# Haystack's operation -> operation of the conventions, tag that names it, what else it is called by.
_HAYSTACK = {
    "haystack.pipeline.run": ("invoke_workflow", None, "pipeline"),
    "haystack.async_pipeline.run": ("invoke_workflow", None, "pipeline"),
    "haystack.agent.run": ("invoke_agent", None, "agent"),
    "haystack.agent.step.tool": ("execute_tool", "haystack.tool.name", "tool"),
    "haystack.component.run": (None, "haystack.component.name", "component"),
    "haystack.agent.step": (None, None, "step"),
}
_NAMES = {"invoke_workflow": "gen_ai.workflow.name", "invoke_agent": "gen_ai.agent.name", "execute_tool": "gen_ai.tool.name"}


def arm():
    """Seen by the program as `haystack.tracing.tracer.actual_tracer`. A tracer that it sets itself takes this one's place."""
    there = sys.modules["haystack.tracing.tracer"]
    spans.sources.append(_current.get)

    class Span(there.Span):
        def __init__(self, real):
            self._real = real

        def set_tag(self, key, value):
            if isinstance(value, (str, int, float)):
                self._real.attributes[key] = value

        def raw_span(self):
            return self._real

        def set_content_tag(self, key, value):
            """What flows through a pipeline is content of any size and type; messages are on the wire."""

    class Tracer(there.Tracer):
        @contextlib.contextmanager
        def trace(self, operation_name, tags=None, parent_span=None):
            operation, tag, name = _HAYSTACK.get(operation_name, (None, None, None))
            if name is None:
                yield self.current_span() or there.NullSpan()
                return
            tags = tags or {}
            name = str(tags.get(tag) or name)
            facts = {"gen_ai.operation.name": operation, _NAMES[operation]: name} if operation else {}
            kind = tags.get("haystack.component.type")
            facts.update({"haystack.component.type": kind} if kind else {})
            span = spans.begin("haystack", operation + " " + name if operation else name, None, facts)
            token = _current.set(span)
            try:
                yield Span(span)
            except BaseException as error:
                spans.end(span, error)
                raise
            finally:
                _current.reset(token)
                spans.end(span)

        def current_span(self):
            return Span(_current.get()) if _current.get() is not None else None

    if isinstance(there.tracer.actual_tracer, there.NullTracer):
        there.enable_tracing(Tracer())
