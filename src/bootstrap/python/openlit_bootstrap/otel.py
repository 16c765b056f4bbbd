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


class Span(trace.Span):
    """One of our spans as the framework sees it. `facts` is the span, or the one around it where this one is not reported."""

    def __init__(self, facts, shown, silent=False):
        self.facts, self._shown, self._silent = facts, shown, silent

    def get_span_context(self):
        return self._shown

    def is_recording(self):
        return not self._silent and self.facts.end is None

    @property
    def attributes(self):
        return {} if self._silent else self.facts.attributes

    def set_attribute(self, key, value):
        if self.is_recording():
            self.facts.attributes[key] = value

    def set_attributes(self, attributes):
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(self, name, attributes=None, timestamp=None):
        if self.is_recording():
            spans.event(self.facts, name, attributes or {}, timestamp)

    def add_link(self, context, attributes=None):
        """Links lead to spans of the program, which are not here."""

    def update_name(self, name):
        if self.is_recording():
            self.facts.name = name

    def set_status(self, status, description=None):
        code = getattr(status, "status_code", status)
        # OK says nothing that its absence does not say.
        if self.is_recording() and code is trace.StatusCode.ERROR:
            text = getattr(status, "description", None) or description
            self.facts.status = {"code": 2, "message": str(text)[:1000]} if text and spans.content() else {"code": 2}

    def record_exception(self, exception, attributes=None, timestamp=None, escaped=False):
        if self.is_recording():
            self.facts.attributes.setdefault("error.type", type(exception).__name__)

    def end(self, end_time=None):
        if self.is_recording():
            spans.end(self.facts, at=end_time)


class Tracer(trace.Tracer):
    """
    :param calls: whether spans of model calls are reported; the tap sees those that go over the wire
    :param yields: the framework's spans go to the program's own provider where it has one, as without us
    """

    def __init__(self, scope, calls, yields):
        self._scope, self._calls, self._yields = scope, calls, yields

    def start_span(self, name, context=None, kind=trace.SpanKind.INTERNAL, attributes=None, links=(), start_time=None, **how):
        own = _programs_provider() if self._yields else None
        if own is not None:
            given = dict(how, context=context, kind=kind, attributes=attributes, links=links, start_time=start_time)
            return own.get_tracer(self._scope).start_span(name, **given)
        around = trace.get_current_span(context)
        parent = around.facts if isinstance(around, Span) else None
        shown = around.get_span_context()
        attributes = attributes or {}
        if not self._calls and (attributes.get("gen_ai.operation.name") in _CALLS or name.partition(" ")[0] in _CALLS):
            return Span(parent, shown, silent=True)
        # A context that was given with a span of elsewhere: a request's, as a server reads it.
        outer = spans.ids_of(shown) if context is not None and parent is None else None
        return Span(spans.begin(self._scope, name, parent, attributes, kind.value + 1, start_time, outer=outer), shown)

    @contextlib.contextmanager
    def start_as_current_span(self, name, *given, end_on_exit=True, **how):
        marks = {key: how[key] for key in ("record_exception", "set_status_on_exception") if key in how}
        with trace.use_span(self.start_span(name, *given, **how), end_on_exit, **marks) as span:
            yield span


class Provider(trace.TracerProvider):
    """Never set global: nothing in the program wakes up, and its own provider keeps its place."""

    def __init__(self, calls=False, yields=False):
        self._how = (calls, yields)

    def get_tracer(self, instrumenting_module_name, *version, **more):
        return Tracer(instrumenting_module_name, *self._how)


class Module:
    """A module seen through replaced names: `trace` as one framework is to see it."""

    def __init__(self, module, **names):
        self.__dict__.update(names)
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, name)


def private(module, provider, scope):
    """`opentelemetry.trace` with our provider instead of the global one, for one framework."""
    return Module(module, get_tracer_provider=lambda: provider, get_tracer=lambda *name, **more: provider.get_tracer(scope))


def _programs_provider():
    provider = trace.get_tracer_provider()
    return None if isinstance(provider, (trace.ProxyTracerProvider, trace.NoOpTracerProvider)) else provider


def _current():
    span = trace.get_current_span()
    return span.facts if isinstance(span, Span) else None


spans.sources.append(_current)
