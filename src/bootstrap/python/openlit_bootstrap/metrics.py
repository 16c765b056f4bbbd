"""The conventions' client histograms, taken from mended spans; the SDK's own metrics carry its guesses and stay off."""
import bisect
import time

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)

_HISTOGRAMS = {
    "gen_ai.client.operation.duration": ("s", "Duration of a GenAI operation", _SECONDS),
    "gen_ai.client.token.usage": ("{token}", "Input and output tokens of a GenAI operation", _TOKENS),
    "gen_ai.client.operation.time_to_first_chunk": (
        "s",
        "Time from the request to the first chunk of a streamed answer",
        _SECONDS,
    ),
    "gen_ai.client.operation.time_per_output_chunk": ("s", "Time between two chunks of a streamed answer", _SECONDS),
}
_DIMENSIONS = (
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "server.address",
    "server.port",
    "openai.response.service_tier",
)


class Histograms:
    """Cumulative histograms since the start of the process. Not thread-safe: the sender's lock is held around it."""

    def __init__(self):
        self._start = time.time_ns()
        self._points = {}
        self.changed = False

    def record(self, attributes, seconds, exchange):
        """One call.

        :param attributes: of the mended span
        :param seconds: its duration
        :param exchange: its exchange, or None
        """
        base = {name: attributes[name] for name in _DIMENSIONS if name in attributes}
        failed = dict(base)
        if "error.type" in attributes:
            failed["error.type"] = attributes["error.type"]
        self._add("gen_ai.client.operation.duration", seconds, failed)
        for kind in ("input", "output"):
            count = attributes.get("gen_ai.usage.%s_tokens" % kind)
            if count is not None:
                self._add("gen_ai.client.token.usage", count, dict(base, **{"gen_ai.token.type": kind}))
        first = attributes.get("gen_ai.response.time_to_first_chunk")
        if first is not None:
            self._add("gen_ai.client.operation.time_to_first_chunk", first, base)
        if exchange is not None and exchange.first_chunk is not None:
            before = exchange.first_chunk
            for moment in exchange.chunk_times:
                self._add("gen_ai.client.operation.time_per_output_chunk", (moment - before) / 1e9, base)
                before = moment

    def _add(self, name, value, attributes):
        bounds = _HISTOGRAMS[name][2]
        key = (name, tuple(sorted(attributes.items())))
        point = self._points.get(key)
        if point is None:
            point = self._points[key] = {"sum": 0.0, "min": value, "max": value, "buckets": [0] * (len(bounds) + 1)}
        point["sum"] += value
        point["min"] = min(point["min"], value)
        point["max"] = max(point["max"], value)
        point["buckets"][bisect.bisect_left(bounds, value)] += 1
        self.changed = True

    def metrics(self, key_values):
        """All points so far as OTLP metrics."""
        now = time.time_ns()
        found = {}
        for (name, attributes), point in self._points.items():
            found.setdefault(name, []).append(
                {
                    "attributes": key_values(dict(attributes)),
                    "startTimeUnixNano": self._start,
                    "timeUnixNano": now,
                    "count": sum(point["buckets"]),
                    "sum": float(point["sum"]),
                    "bucketCounts": list(point["buckets"]),
                    "explicitBounds": list(_HISTOGRAMS[name][2]),
                    "min": float(point["min"]),
                    "max": float(point["max"]),
                }
            )
        self.changed = False
        return [
            {
                "name": name,
                "unit": _HISTOGRAMS[name][0],
                "description": _HISTOGRAMS[name][1],
                "histogram": {"dataPoints": points, "aggregationTemporality": 2},
            }
            for name, points in found.items()
        ]
