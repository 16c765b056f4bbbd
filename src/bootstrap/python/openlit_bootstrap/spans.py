"""Spans that are not on the wire (agents, tools, chains): their identity, their parent, and how an ended one is handed over.

Nothing is attached to the program's own OpenTelemetry: it never sees a span of ours as its current one.
"""
import json
import os
import sys
import time

from . import link

# Functions, one a framework: which of our spans runs here, or None.
sources = []

# The program looks after itself: nothing is handed over any more.
silent = False

# Characters of all texts of a span: a frame holds 256 KiB, and JSON may write six bytes for a character.
LIMIT = 40_000


class Span:
    """One step of a program. `end` is None while it is open; `told` says whether anything has named it as its parent."""

    __slots__ = ("attributes", "end", "events", "flags", "kind", "name", "outer", "parent", "parent_id", "quiet", "scope")
    __slots__ += ("span_id", "start", "status", "told", "trace_id")

    def ids(self):
        return self.trace_id, self.span_id, self.flags


def begin(scope, name, parent=None, attributes=None, kind=1, start=None, quiet=False, outer=None):
    """Starts a span.

    :param parent: a Span; without one, what runs here: a span of ours, or the program's own
    :param outer: ids of a span of elsewhere that is the parent
    :param quiet: it is not reported unless something happens below it
    """
    span = Span()
    span.scope, span.name, span.kind, span.quiet = scope, name, kind, quiet
    span.attributes, span.events, span.status = dict(attributes or {}), [], {}
    span.start, span.end, span.told = start or time.time_ns(), None, False
    span.outer = _programs_own()
    span.parent = parent = parent or (None if outer else _inside())
    # From the operating system: a program that seeded `random` must see the same numbers as without us.
    span.span_id = int.from_bytes(os.urandom(8), "big") or 1
    if parent is not None:
        span.trace_id, span.parent_id, span.flags = parent.trace_id, parent.span_id, parent.flags
        if not quiet:
            tell(parent)
    elif outer or span.outer:
        span.trace_id, span.parent_id, span.flags = outer or span.outer
    else:
        span.trace_id, span.parent_id, span.flags = int.from_bytes(os.urandom(16), "big") or 1, None, 1
    return span


def end(span, error=None, at=None):
    """Ends a span once and hands it over.

    :param error: what the program's code raised there
    """
    if span.end is not None:
        return
    span.end = at or time.time_ns()
    if error is not None:
        span.attributes.setdefault("error.type", type(error).__name__)
        span.status = {"code": 2, "message": str(error)[:1000]} if content() else {"code": 2}
    if not silent and (span.told or not span.quiet):
        tell(span.parent)
        link.span(span.scope, _otlp(span))


def event(span, name, attributes, at=None):
    """Something that happened in a span. Text of an exception stays here unless content was asked for."""
    span.events.append((name, at or time.time_ns(), attributes))


def tell(span):
    """Something has `span` for its parent: the observer hears of it, and of those above it, before that."""
    while span is not None and not span.told:
        span.told = True
        link.start(_identity(span))
        span = span.parent


def enclosing():
    """Ids (trace, span, flags) of the span that a request here is a child of; None where that is the program's own."""
    span = _inside()
    if span is None:
        return None
    tell(span)
    return span.ids()


def content():
    """Whether message content was asked for. The observer redacts and cuts it."""
    global _content
    if _content is None:
        try:
            _content = json.loads(os.environ.get("OPENLIT_INSTRUMENT_TAP", "{}")).get("content") is True
        except (ValueError, AttributeError):
            _content = False
    return _content


_content = None


def _inside():
    """The innermost of our open spans here. Contexts nest, so it is the one that began last."""
    found = None
    for source in sources:
        span = source()
        # Stale: the context outlived its span.
        while span is not None and span.end is not None:
            span = span.parent
        if span is not None and (found is None or span.start > found.start):
            found = span
    # The program has begun a span of its own since then: that one is nearer.
    return found if found is not None and found.outer == _programs_own() else None


def _programs_own():
    """Ids of the current span of the program's own OpenTelemetry."""
    api = sys.modules.get("opentelemetry.trace")
    get_current_span = getattr(api, "get_current_span", None)
    if get_current_span is None:
        return None
    return ids_of(get_current_span().get_span_context())


def ids_of(context):
    """A span context of OpenTelemetry as (trace, span, flags), None where it is none."""
    return (context.trace_id, context.span_id, int(context.trace_flags)) if context.is_valid else None


def _identity(span):
    facts = {"traceId": "%032x" % span.trace_id, "spanId": "%016x" % span.span_id, "name": span.name}
    if span.parent_id is not None:
        facts["parentSpanId"] = "%016x" % span.parent_id
    return facts


def _otlp(span):
    left = [LIMIT]
    facts = dict(_identity(span), kind=span.kind, startTimeUnixNano=str(span.start), endTimeUnixNano=str(span.end))
    facts["attributes"] = _pairs(span.attributes, left)
    facts["status"] = span.status
    facts["events"] = [
        {"name": name, "timeUnixNano": str(at), "attributes": _pairs(attributes, left)}
        for name, at, attributes in span.events
    ]
    return facts


def _pairs(attributes, left):
    pairs = []
    for key, given in attributes.items():
        value = _value(given, left)
        if value is not None:
            pairs.append({"key": str(key), "value": value})
    return pairs


def _value(given, left):
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(int(given))}
    if isinstance(given, float):
        return {"doubleValue": given} if given - given == 0 else None
    if isinstance(given, str):
        text = given[: left[0]]
        left[0] -= len(text)
        return {"stringValue": text}
    if isinstance(given, (list, tuple)):
        return {"arrayValue": {"values": [each for each in (_value(one, left) for one in given) if each is not None]}}
    return None
