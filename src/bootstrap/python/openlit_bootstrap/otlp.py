"""OTLP requests out of plain records: as JSON, or as protobuf through a table of field numbers.

https://github.com/open-telemetry/opentelemetry-proto (v1). Written out here because the library that does it brings
protobuf, requests and six more packages into the program, which then sees them, and 0.2 s of imports.
"""
import json
import struct

# Message -> JSON field -> (number, kind). Kinds: another message, or one of the scalars of `_scalar`.
_MESSAGES = {
    "ExportTraces": {"resourceSpans": (1, "ResourceSpans")},
    "ExportMetrics": {"resourceMetrics": (1, "ResourceMetrics")},
    "ExportLogs": {"resourceLogs": (1, "ResourceLogs")},
    "Resource": {"attributes": (1, "KeyValue")},
    "Scope": {"name": (1, "string"), "version": (2, "string")},
    "KeyValue": {"key": (1, "string"), "value": (2, "AnyValue")},
    "ArrayValue": {"values": (1, "AnyValue")},
    "KeyValueList": {"values": (1, "KeyValue")},
    "AnyValue": {
        "stringValue": (1, "string1"),
        "boolValue": (2, "bool1"),
        "intValue": (3, "int1"),
        "doubleValue": (4, "double1"),
        "arrayValue": (5, "ArrayValue"),
        "kvlistValue": (6, "KeyValueList"),
    },
    "ResourceSpans": {"resource": (1, "Resource"), "scopeSpans": (2, "ScopeSpans"), "schemaUrl": (3, "string")},
    "ScopeSpans": {"scope": (1, "Scope"), "spans": (2, "Span"), "schemaUrl": (3, "string")},
    "Span": {
        "traceId": (1, "hex"),
        "spanId": (2, "hex"),
        "traceState": (3, "string"),
        "parentSpanId": (4, "hex"),
        "flags": (16, "fixed32"),
        "name": (5, "string"),
        "kind": (6, "int"),
        "startTimeUnixNano": (7, "fixed64"),
        "endTimeUnixNano": (8, "fixed64"),
        "attributes": (9, "KeyValue"),
        "events": (11, "Event"),
        "links": (13, "Link"),
        "status": (15, "Status"),
    },
    "Event": {"timeUnixNano": (1, "fixed64"), "name": (2, "string"), "attributes": (3, "KeyValue")},
    "Link": {"traceId": (1, "hex"), "spanId": (2, "hex"), "attributes": (4, "KeyValue")},
    "Status": {"message": (2, "string"), "code": (3, "int")},
    "ResourceMetrics": {"resource": (1, "Resource"), "scopeMetrics": (2, "ScopeMetrics"), "schemaUrl": (3, "string")},
    "ScopeMetrics": {"scope": (1, "Scope"), "metrics": (2, "Metric"), "schemaUrl": (3, "string")},
    "Metric": {"name": (1, "string"), "description": (2, "string"), "unit": (3, "string"), "histogram": (9, "Histogram")},
    "Histogram": {"dataPoints": (1, "Point"), "aggregationTemporality": (2, "int")},
    "Point": {
        "attributes": (9, "KeyValue"),
        "startTimeUnixNano": (2, "fixed64"),
        "timeUnixNano": (3, "fixed64"),
        "count": (4, "fixed64"),
        "sum": (5, "double1"),
        "bucketCounts": (6, "packed_fixed64"),
        "explicitBounds": (7, "packed_double"),
        "min": (11, "double1"),
        "max": (12, "double1"),
    },
    "ResourceLogs": {"resource": (1, "Resource"), "scopeLogs": (2, "ScopeLogs"), "schemaUrl": (3, "string")},
    "ScopeLogs": {"scope": (1, "Scope"), "logRecords": (2, "LogRecord"), "schemaUrl": (3, "string")},
    "LogRecord": {
        "timeUnixNano": (1, "fixed64"),
        "severityNumber": (2, "int"),
        "attributes": (6, "KeyValue"),
        "traceId": (9, "hex"),
        "spanId": (10, "hex"),
        "observedTimeUnixNano": (11, "fixed64"),
        "eventName": (12, "string"),
    },
}


def any_value(value):
    """A Python value in the shape of OTLP's AnyValue (JSON form, integers as numbers)."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": int(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, (list, tuple)):
        return {"arrayValue": {"values": [any_value(each) for each in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": key_values(value)}}
    if value is None:
        return {}
    return {"stringValue": str(value)}


def key_values(mapping):
    """Attributes as a list of KeyValue."""
    return [{"key": str(key), "value": any_value(value)} for key, value in mapping.items()]


def as_json(request):
    """The request for `http/json`. 64-bit integers become texts, as the mapping of protobuf to JSON wants them."""
    return json.dumps(_json_ready(request), ensure_ascii=False).encode("utf-8", "replace")


_TEXT_NUMBERS = frozenset(
    ("intValue", "startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano", "count")
)


def _json_ready(value):
    if isinstance(value, dict):
        return {
            key: str(each) if key in _TEXT_NUMBERS else [str(n) for n in each] if key == "bucketCounts" else _json_ready(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_json_ready(each) for each in value]
    return value


def as_protobuf(kind, request):
    """The request for `http/protobuf`.

    :param kind: `ExportTraces`, `ExportMetrics` or `ExportLogs`
    """
    parts = []
    fields = _MESSAGES[kind]
    for name, value in request.items():
        number, what = fields[name]
        for each in value if isinstance(value, list) and not what.startswith("packed") else (value,):
            if what in _MESSAGES:
                inner = as_protobuf(what, each)
                parts.append(_varint(number << 3 | 2) + _varint(len(inner)) + inner)
            else:
                parts.append(_scalar(number, what, each))
    return b"".join(parts)


def _scalar(number, what, value):
    # Names that end in 1 are members of a oneof, or optional: they are written even when they hold the default.
    if what == "int1" or what == "int" or what == "bool1":
        return b"" if what == "int" and not value else _varint(number << 3) + _varint(int(value) & 0xFFFFFFFFFFFFFFFF)
    if what == "double1":
        return _varint(number << 3 | 1) + struct.pack("<d", value)
    if what == "fixed64":
        return _varint(number << 3 | 1) + struct.pack("<Q", value) if value else b""
    if what == "fixed32":
        return _varint(number << 3 | 5) + struct.pack("<I", value) if value else b""
    if what == "packed_fixed64":
        data = struct.pack("<%dQ" % len(value), *value)
    elif what == "packed_double":
        data = struct.pack("<%dd" % len(value), *value)
    elif what == "hex":
        data = bytes.fromhex(value)
    else:
        data = value.encode("utf-8", "replace")
        if not data and what == "string":
            return b""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
