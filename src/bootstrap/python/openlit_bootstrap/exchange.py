"""Notes what the client library really sent and really got, at the HTTP client below it (httpx and httpx2).

This is the one mechanism behind all mends: every figure on a span comes from the wire, not from the SDK's guesses. The
program keeps its own request, response and stream objects; only a response's inner byte stream is stood in for, so that
its chunks can be seen while they pass.
"""
import functools
import sys
import time
from contextvars import ContextVar

from . import decode, forms, hosts, sse, streams

# The call whose span was started last in this context; `calls` puts it here when the SDK starts a span.
current = ContextVar("openlit_instrument_call", default=None)

# The newest calls whose answer has begun; whoever ends spans of streams that were left looks here.
open_exchanges = set()

# Makes a call of its own for a request that none of the SDK's spans stands for: (operation) -> Call or None; set by
# `providers`, None where somebody chose which libraries are observed.
alone = None

_patched = set()


def watch_clients():
    """Wraps `send` of the HTTP clients that are loaded. Idempotent; returns how many were newly wrapped."""
    before = len(_patched)
    for name in ("httpx", "httpx2"):
        module = sys.modules.get(name)
        if module is None or name in _patched or not hasattr(module, "AsyncClient"):
            continue
        _patched.add(name)
        module.Client.send = _sync(module.Client.send, module)
        module.AsyncClient.send = _async(module.AsyncClient.send, module)
    return len(_patched) - before


def _sync(original, module):
    @functools.wraps(original)
    def send(self, request, *args, **kwargs):
        exchange = _begin(request)
        if exchange is None:
            return original(self, request, *args, **kwargs)
        try:
            response = original(self, request, *args, **kwargs)
        except BaseException as error:
            exchange.broke(error)
            raise
        return exchange.answered(response, module)

    return send


def _async(original, module):
    @functools.wraps(original)
    async def send(self, request, *args, **kwargs):
        exchange = _begin(request)
        if exchange is None:
            return await original(self, request, *args, **kwargs)
        try:
            response = await original(self, request, *args, **kwargs)
        except BaseException as error:
            exchange.broke(error)
            raise
        return exchange.answered(response, module)

    return send


def _begin(request):
    try:
        form = forms.recognise(request.method, request.url.path)
        if form is None:
            return None
        call = current.get()
        if call is not None and not call.open():
            call = None
        if call is None and alone is None:
            return None
        body = decode.parse(request.content)
        if body is None:
            return None
        exchange = Exchange(form, body, request.url, request.headers)
        if call is None:
            # Without the word of a client library the body must prove what the path says.
            call = alone(forms.operation(form)) if forms.is_request(form, body, exchange.request) else None
            if call is None:
                return None
        call.begin(exchange)
        exchange.call = call
        return exchange
    except Exception:
        # A request whose body is a stream has no content to look at.
        return None


class Exchange:
    """One request and what came back for it."""

    def __init__(self, form, body, url, headers):
        self.form = form
        # Facts only: the prompt itself is not kept.
        self.request = forms.request_facts(form, body, url.path, headers)
        self.provider = hosts.provider(url.host, url.path)
        self.host = url.host
        self.port = url.port or (443 if url.scheme == "https" else 80)
        self.start = time.time_ns()
        self.first_chunk = None
        # Time of each chunk after the first, Unix nanoseconds; bounded.
        self.chunk_times = []
        self.end = None
        self.status = None
        self.answer = forms.answer(form)
        self.streamed = False
        # Reasons as `openlit.partial` names them.
        self.partial = []
        # The transport's own failure, as the name of its exception.
        self.failure = None
        self.call = None
        self._decoder = None
        self._events = None
        self._body = []
        self._size = 0

    def broke(self, error):
        """No answer came."""
        self.end = time.time_ns()
        self.failure = type(error).__name__
        if self.call.alone:
            self.call.closed()

    def answered(self, response, module):
        """The head has come. Returns the response that the program gets: the same object."""
        try:
            self.status = response.status_code
            self._gateway(response.headers)
            if response.is_stream_consumed or response.is_closed:
                self._whole(response.content)
                return response
            kind = response.headers.get("content-type", "")
            if "text/event-stream" in kind:
                self._events = sse.Events(self.answer.event)
            elif "ndjson" in kind or "stream+json" in kind:
                self._events = sse.Lines(self.answer.event)
            self.streamed = self._events is not None
            # httpx decodes into the response itself; a second decoder of its own keeps ours apart.
            shadow = type(response)(response.status_code, headers=response.headers)
            self._decoder = shadow._get_content_decoder()
            base = module.AsyncByteStream if isinstance(response.stream, module.AsyncByteStream) else module.SyncByteStream
            open_exchanges.add(self)
            response.stream = streams.seen_stream(base)(response.stream, self)
        except Exception:
            self.partial = ["encoding"]
        return response

    def _gateway(self, headers):
        """LiteLLM names itself and the cost. https://docs.litellm.ai/docs/proxy/response_headers"""
        if self.provider is None and ("x-litellm-version" in headers or "x-litellm-call-id" in headers):
            self.provider = "litellm"
        try:
            self.answer.stated_cost = float(headers["x-litellm-response-cost"])
        except (KeyError, ValueError):
            pass

    def chunk(self, data):
        """Bytes of the answer's body, before content-decoding."""
        if not data or self.end is not None:
            return
        now = time.time_ns()
        try:
            plain = self._decoder.decode(data)
            if not isinstance(plain, bytes):
                # httpx2 gives the decoded pieces one by one.
                plain = b"".join(plain)
            if self._events is None:
                self._size += len(plain)
                if self._size <= sse.LIMIT:
                    self._body.append(plain)
                else:
                    self._body, self.partial = [], ["truncated"]
                return
            if self.first_chunk is None:
                self.first_chunk = now
                self._events.feed(plain)
            elif self._events.feed(plain) and len(self.chunk_times) < 10000:
                self.chunk_times.append(now)
        except Exception:
            self.partial = ["encoding"]

    def closed(self, exhausted):
        """The body has ended, or the program left it."""
        if self.end is not None:
            return
        self.end = time.time_ns()
        try:
            if self._events is None:
                if not self.partial:
                    self._whole(b"".join(self._body))
            else:
                self._events.end()
                if not self.answer.complete and not self.partial:
                    self.answer.broke_off()
                    if not exhausted:
                        self.partial = ["aborted"]
            self._body = []
        except Exception:
            self.partial = ["encoding"]
        if self.call is not None:
            self.call.closed()

    def _whole(self, body):
        if self.end is None:
            self.end = time.time_ns()
        self.answer.whole(decode.parse(body), self.status)
        if self.call is not None and self.call.alone:
            self.call.closed()
