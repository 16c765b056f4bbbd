"""Frameworks that report what they do by OpenTelemetry or something like it: they get a tracer of ours, in private."""
import contextlib
import sys

from . import otel, spans


def own_tracer(module, attribute):
    """Frameworks that report to the global provider from the start. Where the program has set one, it keeps their spans.

    :param attribute: what the module has: `opentelemetry.trace` itself, or a tracer
    """
    there = sys.modules[module]
    real = getattr(there, attribute)
    provider = otel.Provider(yields=True)
    ours = otel.private(real, provider) if hasattr(real, "get_tracer_provider") else provider.get_tracer(module)
    setattr(there, attribute, ours)


def pydantic_ai():
    """Seen by the program as `Agent._instrument_default`. What it sets itself, for all agents or one, wins."""
    from opentelemetry.metrics import NoOpMeterProvider
    from pydantic_ai.models.instrumented import InstrumentationSettings

    agent = sys.modules["pydantic_ai.agent"].Agent
    if not agent._instrument_default:
        quiet = NoOpMeterProvider()
        settings = InstrumentationSettings(
            tracer_provider=otel.Provider(), meter_provider=quiet, include_content=spans.content()
        )
        agent.instrument_all(settings)


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


def haystack():
    """Seen by the program as `haystack.tracing.tracer.actual_tracer`. A tracer that it sets itself takes this one's place."""
    there = sys.modules["haystack.tracing.tracer"]
    tracer = otel.Provider().get_tracer("haystack")

    class Span(there.Span):
        def __init__(self, real):
            self._real = real

        def set_tag(self, key, value):
            if isinstance(value, (str, int, float)):
                self._real.set_attribute(key, value)

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
            with tracer.start_as_current_span(operation + " " + name if operation else name, attributes=facts) as span:
                yield Span(span)

        def current_span(self):
            from opentelemetry import trace

            current = trace.get_current_span()
            return Span(current) if isinstance(current, otel.Span) else None

    if isinstance(there.tracer.actual_tracer, there.NullTracer):
        there.enable_tracing(Tracer())
