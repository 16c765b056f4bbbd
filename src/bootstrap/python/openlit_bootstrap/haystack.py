"""Haystack, by the tracer that it offers to be given: pipelines, components, agents and their tools."""
import contextlib
from contextvars import ContextVar

from . import spans

_current = ContextVar("openlit_haystack", default=None)

# Haystack's operation -> operation of the conventions, tag that names it, what else it is called. The rest is on the wire.
_OPERATIONS = {
    "haystack.pipeline.run": ("invoke_workflow", None, "pipeline"),
    "haystack.async_pipeline.run": ("invoke_workflow", None, "pipeline"),
    "haystack.agent.run": ("invoke_agent", None, "agent"),
    "haystack.agent.step.tool": ("execute_tool", "haystack.tool.name", "tool"),
    "haystack.component.run": (None, "haystack.component.name", "component"),
}


def arm(there):
    """Seen by the program as `haystack.tracing.tracer.actual_tracer`. A tracer that it sets itself takes this one's place.

    :param there: module `haystack.tracing.tracer`
    """

    class Tracer(there.Tracer):
        @contextlib.contextmanager
        def trace(self, operation_name, tags=None, parent_span=None):
            operation, tag, name = _OPERATIONS.get(operation_name, (None, None, None))
            if name is None:
                yield there.NullSpan()
                return
            name, kind = str((tags or {}).get(tag) or name), (tags or {}).get("haystack.component.type")
            facts = {"haystack.component.type": kind} if kind else {}
            begin = spans.begin("haystack", name, None, facts) if operation is None else None
            span = begin or spans.operation("haystack", operation, name, None, facts)
            token = _current.set(span)
            try:
                yield there.NullSpan()
            except Exception as error:
                spans.end(span, error)
                raise
            finally:
                _current.reset(token)
                spans.end(span)

        def current_span(self):
            return None

    if isinstance(there.tracer.actual_tracer, there.NullTracer):
        spans.sources.append(_current.get)
        there.enable_tracing(Tracer())
