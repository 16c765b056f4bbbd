"""One POST to the collector, with the standard library only."""
import http.client
import os
import ssl
from urllib.parse import urlsplit

from . import otlp, settings

_KINDS = {"traces": "ExportTraces", "metrics": "ExportMetrics", "logs": "ExportLogs"}


class Refused(Exception):
    """The collector does not want this request; sending it again would not help."""


class Target:
    """Where one signal goes. Keeps its connection between exports."""

    def __init__(self, signal):
        self.signal = signal
        self.url = settings.endpoint(signal)
        self._json = settings.protocol(signal) == "http/json"
        self._gzip = settings.read("COMPRESSION", signal).lower() == "gzip"
        self._headers = settings.headers(signal)
        self._timeout = settings.timeout(signal)
        self._connection = None

    def post(self, request, limit=None):
        """Sends one request.

        :param request: as `otlp` wants it
        :param limit: seconds, when less than the configured timeout may be spent
        :raises Refused: on a status that no repetition mends
        :raises OSError, http.client.HTTPException: when the collector could not be asked
        """
        body = otlp.as_json(request) if self._json else otlp.as_protobuf(_KINDS[self.signal], request)
        fields = dict(self._headers)
        fields["content-type"] = "application/json" if self._json else "application/x-protobuf"
        fields["user-agent"] = "openlit-instrument python"
        if self._gzip:
            import gzip

            body = gzip.compress(body, 5)
            fields["content-encoding"] = "gzip"
        seconds = self._timeout if limit is None else max(0.05, min(self._timeout, limit))
        kept = self._connection is not None
        try:
            status, reason = self._once(body, fields, seconds)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The collector may have closed an idle connection: that is no failure, a second one is.
            if not kept:
                raise
            status, reason = self._once(body, fields, seconds)
        if status >= 400:
            if status in (408, 429, 502, 503, 504):
                raise OSError("HTTP %d %s" % (status, reason))
            raise Refused("HTTP %d %s" % (status, reason))

    def _once(self, body, fields, seconds):
        connection = self._connection
        self._connection = None
        parts = urlsplit(self.url)
        if connection is None:
            connection = self._connect(parts, seconds)
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        try:
            connection.request("POST", path, body, fields)
            answer = connection.getresponse()
            answer.read(65536)
            if answer.will_close or not answer.isclosed():
                connection.close()
            else:
                self._connection = connection
            return answer.status, answer.reason
        except BaseException:
            connection.close()
            raise

    def _connect(self, parts, seconds):
        host, port = parts.hostname or "localhost", parts.port
        secure = parts.scheme == "https"
        proxy = _proxy(parts)
        context = self._tls() if secure else None
        if proxy is not None:
            first = (proxy.hostname, proxy.port or 80)
            if secure:
                connection = http.client.HTTPSConnection(*first, timeout=seconds, context=context)
            else:
                connection = http.client.HTTPConnection(*first, timeout=seconds)
            connection.set_tunnel(host, port or (443 if secure else 80))
            return connection
        if secure:
            return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
        return http.client.HTTPConnection(host, port, timeout=seconds)

    def _tls(self):
        context = ssl.create_default_context(cafile=settings.read("CERTIFICATE", self.signal) or None)
        certificate = settings.read("CLIENT_CERTIFICATE", self.signal)
        if certificate:
            context.load_cert_chain(certificate, settings.read("CLIENT_KEY", self.signal) or None)
        return context


def _proxy(parts):
    # As in src/telemetry/otlp/proxy.ts: one's own machine is never behind a proxy, and the local view is there.
    host = parts.hostname or "localhost"
    if host in ("localhost", "::1") or host.startswith("127."):
        return None
    names = (parts.scheme + "_proxy", parts.scheme.upper() + "_PROXY", "all_proxy", "ALL_PROXY")
    value = next((os.environ[name] for name in names if os.environ.get(name)), None)
    if value is None:
        return None
    from urllib.request import proxy_bypass_environment

    if proxy_bypass_environment(parts.netloc):
        return None
    return urlsplit(value if "://" in value else "http://" + value)
