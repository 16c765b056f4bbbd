"""A tracer of our own for the SDK: never set global, so nothing else in the program wakes up or changes its backend.

The parent of a span comes from OpenTelemetry's context, which we share with the program: its trace continues in ours.
"""
import os
import threading
import time

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider, _Span
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import SpanKind

from . import calls, exchange, generation, mend, otlp, settings

# Seconds after the end of an exchange in which the SDK may end its span itself.
GRACE = 0.5

_KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}


class _Ids(IdGenerator):
    """The SDK's own generator draws from `random`, and a program that seeded it would see other numbers."""

    def generate_span_id(self):
        return int.from_bytes(os.urandom(8), "big") or 1

    def generate_trace_id(self):
        return int.from_bytes(os.urandom(16), "big") or 1


class _Provider(TracerProvider):
    """The SDK's own handler detects resources anew in each forked child, in a pool of threads: where another thread held
    the pool's lock at the fork (gunicorn --preload, whose arbiter has one), the child waits for ever.
    """

    def _handle_fork(self):
        self._tracers_lock = threading.Lock()


def tracer_provider(sender, resource):
    """A provider that hands ended spans, mended, to the sender. The sampler is the environment's."""
    provider = _Provider(resource=Resource(resource), id_generator=_Ids(), shutdown_on_exit=False)
    provider.sampler = calls.NotedSampler(provider.sampler)
    processor = Mending(sender)
    provider.add_span_processor(processor)
    sender.sweep = processor.sweep
    calls.wake = sender.start
    if not any(os.environ.get(name) for name in ("OPENLIT_ENABLED_INSTRUMENTORS", "OPENLIT_DISABLED_INSTRUMENTORS")):
        tracer = provider.get_tracer("openlit_instrument")
        exchange.alone = lambda operation: processor.alone(tracer, operation)
    return provider


class _QuietSpan(_Span):
    """Says nothing when it is used after its end: the SDK does that, and the words would reach the program's stderr."""

    def end(self, end_time=None):
        if self.end_time is None:
            super().end(end_time)


def _unless_ended(name):
    method = getattr(_Span, name)

    def call(self, *args, **kwargs):
        if self.end_time is None:
            return method(self, *args, **kwargs)
        return None

    return call


for _name_of_method in ("set_attribute", "set_attributes", "add_event", "set_status", "update_name", "record_exception"):
    setattr(_QuietSpan, _name_of_method, _unless_ended(_name_of_method))


class Mending(SpanProcessor):
    """Builds the record of each ended span. A span whose answer is still being read waits for its end."""

    def __init__(self, sender):
        self._sender = sender
        self._calls = {}
        self._waiting = []
        # Re-entrant: ending a span of a left stream comes back here.
        self._lock = threading.RLock()
        capture = settings.capture()
        self._excluded = settings.excluded_hosts()
        self._on_span = capture in ("span", "both")
        self._on_event = capture in ("event", "both")
        self._emit_event = settings.emit_event()

    def on_start(self, span, parent_context=None):
        try:
            span.__class__ = _QuietSpan
            key = span.context.span_id
            self._calls[key] = calls.started(span, lambda call: self._calls.pop(key, None))
        except Exception:
            pass

    def alone(self, tracer, operation):
        """A call for a request that no span of the SDK stands for; None where it is not sampled."""
        before = exchange.current.get()
        span = tracer.start_span(operation, kind=SpanKind.CLIENT, attributes={"gen_ai.operation.name": operation})
        exchange.current.set(before)
        call = self._calls.get(span.get_span_context().span_id)
        if call is not None:
            call.made()
        return call

    def on_end(self, span):
        try:
            call = self._calls.pop(span.context.span_id, None)
            given = span.attributes or {}
            if call is not None and call.replaced:
                return
            if call is not None and call.exchange is None and given.get("gen_ai.operation.name") in mend.INFERENCE:
                calls.adopt(call, given.get("gen_ai.request.model"))
            seen = call.exchange if call is not None else None
            if seen is not None and seen.end is None and seen.status is not None:
                # The SDK ends its span at once where the program reads the answer itself, later.
                with self._lock:
                    self._waiting.append((span, call))
                return
            self._emit(span, call)
        except Exception as error:
            from . import report

            report.status("partial", "a span could not be mended: %s: %s" % (type(error).__name__, error))

    def sweep(self, closing):
        """Ends spans of streams that the program left. Returns whether some still have to wait.

        :param closing: the process ends: what is still open ends now
        """
        now = time.time_ns()
        if closing:
            for call in list(self._calls.values()):
                exchange = call.exchange
                if exchange is not None and exchange.status is not None and exchange.end is None:
                    exchange.closed(False)
        for item in calls.left[:]:
            end, span, exchange = item
            if not closing and now - end < GRACE * 1e9 and span.end_time is None:
                continue
            calls.left.remove(item)
            if span.end_time is None:
                span.end(end_time=max(end, span.start_time))
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for span, call in waiting:
            if call.exchange.end is None and closing:
                call.exchange.closed(False)
            if call.exchange.end is None:
                self._waiting.append((span, call))
            else:
                self._emit(span, call, max(call.exchange.end, span.end_time))
        return bool(calls.left)

    def _emit(self, span, call, end=None):
        seen = call.exchange if call is not None else None
        if seen is not None and seen.answer.is_no_call:
            return
        end = end or span.end_time
        # A span that began when its stream had ended.
        start = span.start_time if seen is None else min(span.start_time, seen.start)
        attributes = mend.attributes(span.attributes or {}, call, self._on_span or self._on_event)
        if self._excluded is not None and self._excluded(attributes.get("server.address", "")):
            return
        failed, error = mend.failed(span.status.status_code.name == "ERROR", (span.attributes or {}).get("error.type"), call)
        if failed and error:
            attributes["error.type"] = error
        else:
            attributes.pop("error.type", None)
        content = _take_content(attributes)
        operation = attributes.get("gen_ai.operation.name")
        record = self._record(span, attributes, start, end, failed)
        if content and self._on_span:
            record["attributes"] += otlp.key_values(content)
        self._sender.add("traces", record)
        if operation in mend.INFERENCE:
            self._sender.record(attributes, (end - start) / 1e9, seen)
            if self._emit_event:
                self._sender.add("logs", _details(record, attributes, content if self._on_event else {}, end))
            if failed and error:
                self._sender.add("logs", _exception(record, error, _message(span) if self._on_event else None, end))

    def _record(self, span, attributes, start, end, failed):
        record = {
            "traceId": "%032x" % span.context.trace_id,
            "spanId": "%016x" % span.context.span_id,
            "flags": 0x100 | int(span.context.trace_flags),
            "name": _name(span, attributes),
            "kind": _KINDS.get(span.kind.name, 1),
            "startTimeUnixNano": start,
            "endTimeUnixNano": end,
            "attributes": otlp.key_values(attributes),
            "status": {"code": 2} if failed else {},
        }
        if span.parent is not None:
            record["parentSpanId"] = "%016x" % span.parent.span_id
            if span.parent.is_remote:
                record["flags"] |= 0x200
        state = span.context.trace_state.to_header() if span.context.trace_state else ""
        if state:
            record["traceState"] = state
        events = _events(span, self._on_span) if failed else []
        if events:
            record["events"] = events
        return record


def _name(span, attributes):
    """`chat gpt-4o`: the convention's name; what stands for no request keeps the SDK's."""
    operation = attributes.get("gen_ai.operation.name")
    model = attributes.get("gen_ai.request.model")
    if operation in mend.INFERENCE:
        return "%s %s" % (operation, model) if model else operation
    return span.name


def _events(span, content):
    """One exception, not two. Its texts quote the request (docs/decisions/0052), so they go only with content, redacted."""
    for event in span.events:
        if event.name == "exception":
            from . import redact

            given = event.attributes or {}
            names = ("exception.type", "exception.message", "exception.stacktrace") if content else ("exception.type",)
            kept = {name: redact.text(str(given[name])) for name in names if name in given}
            return [{"timeUnixNano": event.timestamp, "name": "exception", "attributes": otlp.key_values(kept)}]
    return []


def _take_content(attributes):
    """Removes the content from `attributes` and returns it redacted and cut; nothing when that fails."""
    found = {name: attributes.pop(name) for name in list(attributes) if mend.is_content(name)}
    if not found:
        return {}
    try:
        from . import redact

        return {name: redact.content(value) for name, value in found.items()}
    except Exception as error:
        from . import report

        report.say("OPENLIT_REDACT_PATTERNS cannot be used (%s); content is off" % error)
        return {}


def _details(record, attributes, content, end):
    """What the call was, with its content where that was asked for."""
    import json

    structured = {}
    for name, value in content.items():
        try:
            structured[name] = json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
        except ValueError:
            structured[name] = value
    # INFO, and DEBUG where the head says so.
    severity = 5 if generation.is_head() else 9
    return _event(record, "gen_ai.client.inference.operation.details", severity, dict(attributes, **structured), end)


def _exception(record, error, message, end):
    """WARN: a call that failed. The type is the error's own, as on the span."""
    facts = {"exception.type": error}
    if message:
        facts["exception.message"] = message
    return _event(record, "gen_ai.client.operation.exception", 13, facts, end)


def _message(span):
    for event in span.events:
        text = (event.attributes or {}).get("exception.message") if event.name == "exception" else None
        if text:
            from . import redact

            return redact.text(str(text))
    return None


def _event(record, name, severity, attributes, end):
    return {
        "timeUnixNano": end,
        "observedTimeUnixNano": end,
        "severityNumber": severity,
        "eventName": name,
        "traceId": record["traceId"],
        "spanId": record["spanId"],
        "attributes": otlp.key_values(attributes),
    }
