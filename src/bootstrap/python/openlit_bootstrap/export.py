"""The queue between ended calls and the collector.

No thread exists before the first record. From then on one daemon thread sends what has gathered for 100 ms; it waits on
nothing of the program's, and its end is bounded: `flush` returns after at most a second, whatever the collector does.
"""
import os
import threading
import time

from . import generation, metrics, otlp, report, settings

# Records that wait for a collector that cannot be reached; more are dropped and counted.
LIMIT = 4096
# Seconds between attempts while the collector cannot be reached.
RETRY = 2.0


class Sender:
    """Owns the queue and the thread.

    :param resource: attributes of the program's resource
    :param version: of this package, for the instrumentation scope; None when it is not known
    """

    def __init__(self, resource, version):
        self._attributes = resource
        self._scope = {"name": "openlit-instrument"}
        if version:
            self._scope["version"] = version
        # Calls that have something to do before records are taken (spans of streams that were left).
        self.sweep = None
        self.dropped = 0
        self.histograms = metrics.Histograms()
        self._reset()

    def _reset(self):
        self._lock = threading.Lock()
        self._queues = {"traces": [], "logs": []}
        self._thread = None
        self._wake = None
        self._idle = None
        self._targets = {}
        self._silent_until = 0.0
        self._metrics_due = None
        self._closing = False

    def after_fork(self):
        """In a child: the parent sends what it has gathered, the child begins empty."""
        self._attributes["process.pid"] = os.getpid()
        self.histograms = metrics.Histograms()
        self.dropped = 0
        self._reset()

    def add(self, signal, record):
        """Queues one record (`traces` or `logs`, in the shape of OTLP)."""
        with self._lock:
            queue = self._queues[signal]
            if len(queue) >= LIMIT:
                self.dropped += 1
                return
            queue.append(record)
        self.start()

    def record(self, *facts):
        with self._lock:
            self.histograms.record(*facts)

    def start(self):
        """Makes sure that somebody sends soon. Cheap when the thread is there."""
        fresh = None
        with self._lock:
            if self._thread is None and not self._closing:
                self._wake, self._idle = threading.Event(), threading.Event()
                self._thread = fresh = threading.Thread(target=self._run, name="openlit-instrument", daemon=True)
            wake = self._wake
        # Outside the lock: under gevent, `start` lets other greenlets run, and a lock from before gevent's patch would
        # then stop the whole program.
        if fresh is not None:
            try:
                fresh.start()
            except RuntimeError:
                # The interpreter is ending: `flush` sends from the main thread.
                self._thread = None
                return
        if wake is not None and not wake.is_set():
            wake.set()

    def flush(self, seconds=1.0):
        """Sends what is there, for at most `seconds`; what cannot be sent by then is lost and counted."""
        end = time.monotonic() + seconds
        if self.sweep is not None:
            self.sweep(True)
        self._closing = True
        with self._lock:
            thread, idle, wake = self._thread, self._idle, self._wake
            work = any(self._queues.values()) or self.histograms.changed
        if thread is None or not thread.is_alive():
            if work:
                self._send_all(end)
        else:
            idle.clear()
            wake.set()
            idle.wait(max(0.0, end - time.monotonic()))
        self._closing = False
        left = sum(len(queue) for queue in self._queues.values())
        if left or self.dropped:
            report.status("lost", "%d records were not sent" % (left + self.dropped), lost=left + self.dropped)

    def _run(self):
        delay = settings.batch_delay()
        wake, idle = self._wake, self._idle
        while True:
            wake.wait(None if not self._waiting() else RETRY)
            end = time.monotonic() + delay
            while not self._closing and time.monotonic() < end:
                time.sleep(min(0.02, delay))
            wake.clear()
            try:
                if self.sweep is not None and self.sweep(False):
                    wake.set()
                self._send_all(time.monotonic() + (0.9 if self._closing else 3600.0))
            except Exception as error:
                report.status("export_failed", "%s: %s" % (type(error).__name__, error))
            if not wake.is_set() or self._closing:
                idle.set()

    def _waiting(self):
        return any(self._queues.values()) or self.histograms.changed

    def _send_all(self, end):
        if not self._closing and time.monotonic() < self._silent_until:
            return
        for signal in ("traces", "logs", "metrics"):
            if settings.exporter(signal) == "none":
                with self._lock:
                    if signal != "metrics":
                        self._queues[signal] = []
                continue
            if not self._send(signal, end):
                self._silent_until = time.monotonic() + RETRY
                return

    def _send(self, signal, end):
        if signal == "metrics":
            batch = self._take_metrics()
        else:
            with self._lock:
                batch, self._queues[signal] = self._queues[signal], []
        if not batch:
            return True
        request = self._request(signal, batch)
        if settings.exporter(signal) == "console":
            _print(request)
            return True
        try:
            target = self._targets.get(signal)
            if target is None:
                from . import transport

                target = self._targets[signal] = transport.Target(signal)
            target.post(request, end - time.monotonic() if self._closing else None)
            return True
        except Exception as error:
            self._failed(signal, batch, error)
            return False

    def _failed(self, signal, batch, error):
        from . import transport

        where = settings.endpoint(signal)
        again = not isinstance(error, transport.Refused)
        if signal == "metrics":
            self.histograms.changed = again
        elif again:
            with self._lock:
                self._queues[signal] = (batch + self._queues[signal])[:LIMIT]
        else:
            self.dropped += len(batch)
        reason = str(error) or type(error).__name__
        report.status("export_failed", reason, endpoint=_without_secrets(where), signal=signal)
        report.say("telemetry cannot be sent to %s (%s); the program is not affected" % (_without_secrets(where), reason))

    def _take_metrics(self):
        with self._lock:
            if not self.histograms.changed:
                return []
            now = time.monotonic()
            if self._metrics_due is None:
                self._metrics_due = now + settings.metric_interval()
            if now < self._metrics_due and not self._closing:
                return []
            self._metrics_due = now + settings.metric_interval()
            return self.histograms.metrics(otlp.key_values)

    def _request(self, signal, batch):
        part, scoped, records = {
            "traces": ("resourceSpans", "scopeSpans", "spans"),
            "metrics": ("resourceMetrics", "scopeMetrics", "metrics"),
            "logs": ("resourceLogs", "scopeLogs", "logRecords"),
        }[signal]
        schema = generation.schema(signal)
        inner = {"scope": self._scope, records: batch, "schemaUrl": schema}
        resource = {"attributes": otlp.key_values(self._attributes)}
        return {part: [{"resource": resource, scoped: [inner], "schemaUrl": schema}]}


def _without_secrets(url):
    head, at, tail = url.rpartition("@")
    return (head.partition("://")[0] + "://" + tail if at else url).partition("?")[0]


def _print(request):
    import sys

    try:
        sys.stderr.write(otlp.as_json(request).decode("utf-8") + "\n")
    except Exception:
        pass


