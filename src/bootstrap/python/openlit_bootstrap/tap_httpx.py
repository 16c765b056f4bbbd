"""httpx and httpx2: requests that no other tap sees. A transport that answers by itself (MockTransport, respx, ASGI, one of
the program's own), and a request that failed before it left (no connection, no name, a timeout).

The look is at two things that a client calls on its way: the context of a request, and the cookies of its answer.
"""
from time import time_ns

from . import channel, frames, places


def client(module):
    """`httpx._client`."""
    real = module.request_context

    class request_context:
        """Around `transport.handle_request`: httpx's own context manager, and what we note beside it."""

        __slots__ = ("real", "sent", "note")

        def __init__(self, request=None):
            self.real = real(request=request)
            self.sent = request
            self.note = None

        def __enter__(self):
            if self.sent is not None:
                outer = channel.above.get()
                # A client whose jar takes no cookies never comes back for these.
                while outer is not None and outer[4]:
                    outer = outer[0]
                self.note = [outer, False, self.sent, time_ns(), False]
                channel.above.set(self.note)
            return self.real.__enter__()

        def __exit__(self, kind, error, trace):
            if kind is not None:
                places.guarded(_failed, kind)
            if self.note is not None:
                self.note[4] = True
            return self.real.__exit__(kind, error, trace)

    request_context.__module__ = real.__module__
    module.request_context = request_context
    places.around(module.Cookies, "extract_cookies", before=_answered)


def _begin():
    """The exchange that nobody below has seen, up to its request's end; None where there is none."""
    sent = channel.above.get()
    if sent is None:
        return None
    outer, seen, request, time, _ = sent
    channel.above.set(outer)
    if seen:
        return None
    url = request.url
    path = url.raw_path.decode("latin-1")
    server = url.scheme == "https", url.host, url.port, path
    fields = _fields(request.headers)
    exchange = channel.begin("exchange", "http/1.1", request.method, *server, channel.lines(fields), time)
    if exchange is None:
        return None
    head = {"method": request.method, "path": path, "headers": fields}
    exchange.put(frames.HEAD, 0, frames.text(head))
    body = _bytes(request.stream)
    if body is None:
        exchange.put(frames.GAP, 0)
    elif body:
        exchange.sent(body)
    exchange.put(frames.END, 0)
    return exchange


def _fields(headers):
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers.raw]


def _bytes(stream):
    """All of a stream that lies in memory; None for any other."""
    return b"".join(stream) if type(stream).__name__ == "ByteStream" else None


def _failed(kind):
    exchange = _begin()
    if exchange is not None:
        exchange.close(kind)


def _answered(cookies, args):
    response = args[0]
    sent = channel.above.get()
    if sent is not None and (response.extensions.get("from_cache") or response.extensions.get("hishel_from_cache")):
        sent[1] = True
    exchange = _begin()
    if exchange is None:
        return
    head = {"status": response.status_code, "headers": _fields(response.headers)}
    exchange.put(frames.HEAD, frames.RECEIVED, frames.text(head))
    bound = response.stream
    body = _bytes(bound._stream)
    if body is None:
        bound._stream = _Seen(bound._stream, exchange)
        return
    exchange.received(body)
    exchange.put(frames.END, frames.RECEIVED)
    exchange.close(whole=True)


class _Seen:
    """Stands in for the transport's stream inside the client's own one."""

    def __init__(self, stream, exchange):
        self.stream = stream
        self.exchange = exchange

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __iter__(self):
        try:
            for chunk in self.stream:
                self.exchange.received(chunk)
                yield chunk
        except BaseException as error:
            self.exchange.close(type(error))
            places.unframed(error)
            raise
        self.exchange.put(frames.END, frames.RECEIVED)
        self.exchange.close(whole=True)

    async def __aiter__(self):
        try:
            async for chunk in self.stream:
                self.exchange.received(chunk)
                yield chunk
        except BaseException as error:
            self.exchange.close(type(error))
            places.unframed(error)
            raise
        self.exchange.put(frames.END, frames.RECEIVED)
        self.exchange.close(whole=True)

    def close(self):
        self.exchange.close()
        return self.stream.close()

    def aclose(self):
        self.exchange.close()
        return self.stream.aclose()
