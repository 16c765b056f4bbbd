"""A tracer for frameworks that speak OpenTelemetry, and for OpenLIT's instrumentors. Needs `opentelemetry-api` only.

Its spans lie in OpenTelemetry's context, so that they follow the program through threads and tasks; but the identity that
they show there is that of the program's own span around them (or none). So the program's own spans keep the parents, the
sampling and the headers that they have without us.
"""
import contextlib

from opentelemetry import trace

from . import spans

# Calls of models: where the tap sees them, the framework's own span of a call would count it twice.
_CALLS = ("chat", "text_completion", "embeddings", "generate_content")

# What OpenLIT's instrumentors also start for steps of 0.1 ms in which nothing happens (16 in a run of CrewAI with one tool).
_OFTEN_IDLE = ("invoke_workflow", "invoke_agent", "create_agent", "chat")


class Span(trace.NonRecordingSpan):
    """One of our spans as the framework sees it. `facts` is the span, or the one around it where this one is not reported.
    Events are left out: they hold messages, which are on the wire.
    """

    def __init__(self, facts, shown, silent=False):
        super().__init__(shown)
        self.facts, self._silent = facts, silent

    def is_recording(self):
        return not self._silent and self.facts.end is None

    def set_attributes(self, attributes):
        if self.is_recording():
            self.facts.attributes.update(attributes)

    def set_attribute(self, key, value):
        self.set_attributes({key: value})

    def update_name(self, name):
        if self.is_recording():
            self.facts.name = name

    def set_status(self, status, description=None):
        # OK says nothing that its absence does not say.
        if self.is_recording() and getattr(status, "status_code", status) is trace.StatusCode.ERROR:
            spans.failed(self.facts, "_OTHER", getattr(status, "description", None) or description)

    def record_exception(self, exception, attributes=None, timestamp=None, escaped=False):
        if self.is_recording():
            spans.failed(self.facts, type(exception).__name__, exception)

    def end(self, end_time=None):
        if self.is_recording():
            # A model in the process: this span is the call.
            call = self.facts.attributes.get("gen_ai.operation.name") in _CALLS
            self.facts.quiet = self.facts.quiet and not (call and self.facts.attributes.get("gen_ai.request.model"))
            spans.end(self.facts, at=end_time)


class Tracer(trace.Tracer):
    """
    :param calls: whether spans of model calls are reported; the tap sees those that go over the wire
    :param yields: the framework's spans go to the program's own provider where it has one, as without us
    """

    def __init__(self, scope, calls=False, yields=False):
        self._scope, self._calls, self._yields = scope, calls, yields

    def start_span(self, name, context=None, kind=trace.SpanKind.INTERNAL, attributes=None, links=(), start_time=None, **how):
        own = trace.get_tracer_provider()
        if self._yields and not isinstance(own, (trace.ProxyTracerProvider, trace.NoOpTracerProvider)):
            given = dict(how, context=context, kind=kind, attributes=attributes, links=links, start_time=start_time)
            return own.get_tracer(self._scope).start_span(name, **given)
        around = trace.get_current_span(context)
        parent, shown = around.facts if isinstance(around, Span) else None, around.get_span_context()
        operation = (attributes or {}).get("gen_ai.operation.name") or name.partition(" ")[0]
        if operation in _CALLS and not self._calls:
            return Span(parent, shown, silent=True)
        # A context that was given with a span of elsewhere: a request's, as a server reads it.
        outer = spans.ids_of(shown) if context is not None and parent is None else None
        quiet = self._calls and operation in _OFTEN_IDLE
        facts = spans.begin(self._scope, name, parent, attributes, quiet, kind.value + 1, start_time, outer)
        return Span(facts, shown)

    @contextlib.contextmanager
    def start_as_current_span(self, name, *given, end_on_exit=True, **how):
        marks = {key: how[key] for key in ("record_exception", "set_status_on_exception") if key in how}
        with trace.use_span(self.start_span(name, *given, **how), end_on_exit, **marks) as span:
            yield span


class Provider(trace.TracerProvider):
    """Gives always the same tracer. Never set global: nothing in the program wakes up, its own provider keeps its place."""

    def __init__(self, tracer):
        self._tracer = tracer

    def get_tracer(self, *name, **more):
        return self._tracer


class Module:
    """A module seen through replaced names."""

    def __init__(self, module, **names):
        self.__dict__.update(names)
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, name)


def private(module, tracer):
    """`opentelemetry.trace` as one framework is to see it: with our tracer."""
    provider = Provider(tracer)
    return Module(module, get_tracer_provider=lambda: provider, get_tracer=provider.get_tracer)


def _current():
    span = trace.get_current_span()
    return span.facts if isinstance(span, Span) else None


spans.sources.append(_current)
