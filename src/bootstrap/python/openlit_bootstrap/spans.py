"""Spans that are not on the wire (agents, tools, chains): their identity, their parent, and how an ended one is handed over.

Nothing is attached to the program's own OpenTelemetry: it never sees a span of ours as its current one.
"""
import os
import sys
import time

from . import link, report, trace

# Functions, one a framework: which of our spans runs here, or None.
sources = []

# Operation of the conventions -> attribute that holds its name.
_NAMES = {
    "invoke_workflow": "gen_ai.workflow.name",
    "invoke_agent": "gen_ai.agent.name",
    "execute_tool": "gen_ai.tool.name",
    "retrieval": "gen_ai.data_source.id",
}

# Characters of all texts of a span: a frame holds 256 KiB, and JSON may write six bytes for a character.
LIMIT = 40_000


class Span:
    """One step of a program. `end` is None while it is open; `told` says whether anything has named it as its parent."""

    __slots__ = ("attributes", "end", "flags", "kind", "name", "outer", "parent", "parent_id", "quiet", "scope", "span_id")
    __slots__ += ("start", "status", "told", "trace_id")


def begin(scope, name, parent=None, attributes=None, quiet=False, kind=1, start=None, outer=None):
    """Starts a span.

    :param parent: a Span; without one, what runs here: a span of ours, or the program's own
    :param quiet: it is not reported unless something happens below it
    :param outer: ids of a span of elsewhere that is the parent
    """
    span = Span()
    span.scope, span.name, span.kind, span.quiet, span.status = scope, name, kind, quiet, {}
    span.attributes, span.start, span.end, span.told = dict(attributes or {}), start or time.time_ns(), None, False
    span.outer = _programs_own()
    span.parent = parent = parent or (None if outer else _inside())
    # From the operating system: a program that seeded `random` must see the same numbers as without us.
    span.span_id = int.from_bytes(os.urandom(8), "big") or 1
    if parent is not None:
        span.trace_id, span.parent_id, span.flags = parent.trace_id, parent.span_id, parent.flags
    elif outer or span.outer:
        span.trace_id, span.parent_id, span.flags = outer or span.outer
    else:
        span.trace_id, span.parent_id, span.flags = int.from_bytes(os.urandom(16), "big") or 1, None, 1
    if not quiet:
        _tell(parent)
    return span


def operation(scope, kind, name, parent=None, facts=None, quiet=False):
    """Starts a span for an operation of the conventions. `facts` are more attributes."""
    attributes = dict(facts or {}, **{"gen_ai.operation.name": kind, _NAMES[kind]: name})
    return begin(scope, "%s %s" % (kind, name), parent, attributes, quiet)


def end(span, error=None, at=None):
    """Ends a span once and hands it over.

    :param error: what the program's code raised there
    """
    if span.end is not None:
        return
    span.end = at or time.time_ns()
    if error is not None:
        failed(span, type(error).__name__, error)
    if (span.told or span.status or not span.quiet) and not _looks_after_itself():
        _tell(span.parent)
        facts = dict(_identity(span), kind=span.kind, startTimeUnixNano=str(span.start), endTimeUnixNano=str(span.end))
        _safely(link.span, span.scope, dict(facts, status=span.status, attributes=_pairs(span.attributes)))


def failed(span, kind, text=None):
    """Notes an error; its text is content."""
    span.attributes.setdefault("error.type", kind)
    span.status = {"code": 2, "message": str(text)[:1000]} if text and content() else {"code": 2}


def enclosing():
    """Ids (trace, span, flags) of the span that a request here is a child of; None where that is the program's own."""
    span = _inside()
    _tell(span)
    return None if span is None else ("%032x" % span.trace_id, "%016x" % span.span_id, span.flags)


# What the tap asks at each request.
trace.current = enclosing


def content():
    """Whether message content was asked for. The observer redacts and cuts it."""
    return (link.settings() or {}).get("content") is True


def ids_of(context):
    """A span context of OpenTelemetry as (trace, span, flags), None where it is none."""
    return (context.trace_id, context.span_id, int(context.trace_flags)) if context.is_valid else None


def _looks_after_itself():
    """Whether the program uses OpenLIT itself: its own wins. Ours has no file there (core.py)."""
    return getattr(sys.modules.get("openlit"), "__file__", None) is not None


def _tell(span):
    """Something has `span` for its parent: the observer hears of it, and of those above it, before that."""
    while span is not None and not span.told and not _looks_after_itself():
        span.told = True
        _safely(link.start, _identity(span))
        span = span.parent


def _inside():
    """The innermost of our open spans here. Contexts nest, so it is the one that began last."""
    found = None
    for source in sources:
        span = _safely(source)
        # Stale: the context outlived its span.
        while span is not None and span.end is not None:
            span = span.parent
        if span is not None and (found is None or span.start > found.start):
            found = span
    # The program has begun a span of its own since then: that one is nearer.
    return found if found is not None and found.outer == _programs_own() else None


def _programs_own():
    """Ids of the current span of the program's own OpenTelemetry."""
    get_current_span = getattr(sys.modules.get("opentelemetry.trace"), "get_current_span", None)
    return None if get_current_span is None else _safely(lambda: ids_of(get_current_span().get_span_context()))


def _safely(function, *given):
    """Frameworks call us where nobody would catch an error of ours."""
    try:
        return function(*given)
    except Exception as error:
        report.status("partial", "spans: %s: %s" % (type(error).__name__, error))
        return None


def _identity(span):
    facts = {"traceId": "%032x" % span.trace_id, "spanId": "%016x" % span.span_id, "name": span.name}
    if span.parent_id is not None:
        facts["parentSpanId"] = "%016x" % span.parent_id
    return facts


def _pairs(attributes):
    left = [LIMIT]
    values = ((str(key), _value(given, left)) for key, given in attributes.items())
    return [{"key": key, "value": value} for key, value in values if value is not None]


def _value(given, left):
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(int(given))}
    if isinstance(given, float) and given - given == 0:
        return {"doubleValue": given}
    if isinstance(given, str):
        text = given[: left[0]]
        left[0] -= len(text)
        return {"stringValue": text}
    if isinstance(given, (list, tuple)):
        return {"arrayValue": {"values": [each for each in (_value(one, left) for one in given) if each is not None]}}
    return None
