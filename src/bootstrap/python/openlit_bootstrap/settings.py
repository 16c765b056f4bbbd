"""What the environment says about export and content; the variables are OpenTelemetry's, src/telemetry reads the same."""
import os
import sys

_PATHS = {"traces": "v1/traces", "metrics": "v1/metrics", "logs": "v1/logs"}
_CAPTURE = {
    "": "off",
    "false": "off",
    "off": "off",
    "0": "off",
    "no_content": "off",
    "true": "span",
    "1": "span",
    "span": "span",
    "span_only": "span",
    "event": "event",
    "event_only": "event",
    "both": "both",
    "span_and_event": "both",
}


def _otlp(name):
    """An OTLP variable. Under the launcher's local view there is one address, and nothing else holds."""
    view = os.environ.get("OPENLIT_INSTRUMENT_VIEW_ENDPOINT", "")
    if view:
        return view if name == "ENDPOINT" else ""
    return os.environ.get("OTEL_EXPORTER_OTLP_" + name, "").strip()


def read(name, signal=None):
    """A variable's value, the signal's own first; an empty one counts as unset."""
    own = _otlp("%s_%s" % (signal.upper(), name)) if signal else ""
    return own or _otlp(name)


def exporter(signal):
    """`otlp`, `console` or `none`. Console would write into the program's stdout, so it goes to stderr."""
    value = os.environ.get("OTEL_%s_EXPORTER" % signal.upper(), "").strip().lower()
    if signal == "metrics" and os.environ.get("OPENLIT_DISABLE_METRICS", "").strip().lower() in ("1", "true", "yes"):
        return "none"
    if signal == "logs" and os.environ.get("OPENLIT_DISABLE_EVENTS", "").strip().lower() in ("1", "true", "yes"):
        return "none"
    words = [word.strip() for word in value.split(",") if word.strip()] or ["otlp"]
    for known in ("otlp", "console"):
        if known in words:
            return known
    return "none"


def endpoint(signal):
    """The URL of one signal. A base URL gets the signal's path, the signal's own URL is used as it is."""
    own = _otlp("%s_ENDPOINT" % signal.upper())
    if own:
        return own
    base = _otlp("ENDPOINT") or "http://localhost:4318"
    base = base.rstrip("/")
    for path in _PATHS.values():
        # A base that already names a signal, as OpenLIT's own SDKs tolerate it.
        if base.endswith("/" + path):
            base = base[: -len(path) - 1]
    return "%s/%s" % (base, _PATHS[signal])


def http_neighbour():
    """Where a collector that has the gRPC endpoint of the settings usually takes HTTP. For people; nothing is sent there."""
    scheme, _, rest = (_otlp("TRACES_ENDPOINT") or _otlp("ENDPOINT")).rpartition("://")
    authority = rest.partition("/")[0].rpartition("@")[2]
    host, _, port = authority.rpartition(":")
    return "%s://%s:4318" % (scheme or "http", host if port.isdigit() else authority or "localhost")


def protocol(signal):
    return read("PROTOCOL", signal).lower() or "http/protobuf"


def headers(signal):
    """Header fields for the collector. `a=b,c=d`, percent-encoded; JSON as OpenLIT's launcher accepts it."""
    from urllib.parse import unquote

    found = {}
    for text in (_otlp("HEADERS"), _otlp("%s_HEADERS" % signal.upper())):
        if text.strip().startswith("{"):
            import json

            try:
                found.update((str(k).lower(), str(v)) for k, v in json.loads(text).items())
                continue
            except ValueError:
                pass
        for pair in text.split(","):
            name, equals, value = pair.partition("=")
            if equals and name.strip():
                found[unquote(name.strip()).lower()] = unquote(value.strip())
    return found


def timeout(signal):
    """Seconds for one request."""
    try:
        return max(0.1, float(read("TIMEOUT", signal)) / 1000)
    except ValueError:
        return 10.0


def metric_interval():
    """Seconds between two exports of metrics."""
    try:
        return max(0.1, float(os.environ.get("OTEL_METRIC_EXPORT_INTERVAL", "")) / 1000)
    except ValueError:
        return 60.0


def excluded_hosts():
    """A function that says whether calls to a host are left out; None where no host is."""
    patterns = [p.strip().lower() for p in os.environ.get("OPENLIT_EXCLUDE_ENDPOINTS", "").split(",") if p.strip()]
    if not patterns:
        return None
    import re

    # `*` alone is special: fnmatch would give `?` and `[` a meaning too.
    expression = re.compile("|".join(".*".join(re.escape(part) for part in p.split("*")) for p in patterns))
    return lambda host: expression.fullmatch(str(host).lower()) is not None


def capture():
    """`off`, `span`, `event` or `both`; a word that nobody knows means off."""
    word = os.environ.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "").strip().lower()
    return _CAPTURE.get(word, "off")


def emit_event():
    """Whether each call gets the event with its details: where content goes into it, or where it is asked for by name."""
    asked = os.environ.get("OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT", "").strip().lower()
    return asked == "true" or (capture() in ("event", "both") and asked != "false")


def batch_delay():
    """Seconds that an ended span may wait. The default keeps the loss of a killed process below 200 ms."""
    try:
        return min(max(float(os.environ.get("OTEL_BSP_SCHEDULE_DELAY", "")) / 1000, 0.01), 5.0)
    except ValueError:
        return 0.1


def resource(sdk_version, own_version):
    """Attributes of the program's resource, weakest first: detected, environment, ours.

    :param sdk_version: of OpenLIT's SDK, or None
    :param own_version: of this package, or None
    """
    from urllib.parse import unquote

    found = {
        "process.pid": os.getpid(),
        "process.executable.path": sys.executable or "",
        "process.runtime.name": sys.implementation.name,
        "process.runtime.version": "%d.%d.%d" % sys.version_info[:3],
        "host.name": os.uname().nodename,
    }
    for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","):
        name, equals, value = pair.partition("=")
        if equals and name.strip():
            found[unquote(name.strip())] = unquote(value.strip().strip('"'))
    service = os.environ.get("OTEL_SERVICE_NAME", "").strip()
    if service:
        found["service.name"] = service
    found.setdefault("service.name", "unknown_service:" + (os.path.basename(sys.executable or "") or "python"))
    environment = (
        os.environ.get("OTEL_DEPLOYMENT_ENVIRONMENT", "").strip()
        or found.get("deployment.environment.name")
        or found.get("deployment.environment")
    )
    if environment:
        # OpenLIT's charts read the older name, the conventions the newer one.
        found["deployment.environment.name"] = found["deployment.environment"] = environment
    found["telemetry.sdk.name"] = "openlit"
    found["telemetry.sdk.language"] = "python"
    found["telemetry.sdk.version"] = sdk_version
    found["telemetry.distro.name"] = "openlit-instrument"
    found["telemetry.distro.version"] = own_version
    return {name: value for name, value in found.items() if value not in ("", None)}
