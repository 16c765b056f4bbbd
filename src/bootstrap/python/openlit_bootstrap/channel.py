"""One exchange on its way to the observer. It is held back until its host, path or body looks like a model call."""
import re
from contextvars import ContextVar
from time import time_ns

from . import link, lookahead, trace

# How often a request left in this context: a tap above another one sees by it that its request was seen below.
below = ContextVar("openlit_instrument_below", default=0)

_path = re.compile(lookahead.PATH).search
_get = re.compile(lookahead.GET_PATH).search
_host = re.compile(lookahead.HOST).search
_body = re.compile(lookahead.BODY.encode()).search
_LOOK = 4096


def server(secure, host, port, target):
    """(secure, host, port, path) of a request: a target that is sent to a proxy names the server itself."""
    if target[:1] == "/" or "://" not in target[:9]:
        return secure, host, port, target
    scheme, _, rest = target.partition("://")
    host, slash, path = rest.partition("/")
    host, _, number = host.rpartition("@")[2].partition(":")
    secure = scheme == "https"
    return secure, host, int(number) if number.isdigit() else 443 if secure else 80, slash + path


def begin(kind, protocol, method, secure, host, port, path, time=0):
    """A request is about to leave. Returns its Channel, or None where it cannot be a model call.

    :param kind: "connection" (wire bytes follow) or "exchange" (heads and bodies follow)
    :param path: with query
    :param time: Unix nanoseconds, where it was not now
    """
    bare = path.partition("?")[0]
    if len(bare) > 1 and bare[-1] == "/":
        bare = bare[:-1]
    if method == "POST":
        sure = _path(bare) or host and _host(host if port != 11434 else host + ":11434")
    elif method == "GET" and _get(bare):
        sure = True
    else:
        return None
    below.set(below.get() + 1)
    channel = Channel()
    facts = {"kind": kind, "secure": secure, "protocol": protocol}
    if host:
        facts["host"] = host
    if port:
        facts["port"] = port
    channel.held = [(link.OPEN, 0, facts)]
    channel.time = time or time_ns()
    channel.seen = b""
    if sure:
        channel.go()
    return channel


class Channel:
    """The frames of one exchange. Every method is harmless once the exchange is over, or not wanted."""

    __slots__ = ("link", "number", "held", "time", "seen", "place")

    def __init__(self):
        self.link = None
        self.number = 0
        self.held = None
        # Whatever the tap needs to know of this exchange.
        self.place = None

    def go(self):
        """It looks like a model call: hands over what was held."""
        held, self.held = self.held, None
        to = link.connection()
        if to is None:
            return
        to.number += 1
        to.open += 1
        self.link, self.number = to, to.number
        held.insert(1, (link.REQUEST, 0, trace.context()))
        frames = [link.frame(k, f, self.number, p if type(p) is bytes else link.text(p), self.time) for k, f, p in held]
        to.send(self, b"".join(frames))

    def put(self, kind, flags, payload=b""):
        """Hands over one frame."""
        if self.number:
            if self.link is link.current:
                self.link.send(self, link.frame(kind, flags, self.number, payload, time_ns()))
        elif self.held is not None:
            if flags & link.RECEIVED:
                self.held = None
            else:
                self.held.append((kind, flags, payload))

    def sent(self, data, body=0):
        """Bytes that the program sent; those of the request's body begin at `body`."""
        self.put(link.BYTES, 0, data if self.number else bytes(data))
        if self.held is not None and len(data) > body:
            self.seen += bytes(memoryview(data)[body : body + _LOOK])
            if _body(self.seen, 0, _LOOK):
                self.go()
            elif len(self.seen) >= _LOOK:
                self.held = None

    def received(self, data):
        """Bytes that the program received."""
        if data:
            self.put(link.BYTES, link.RECEIVED, data)

    def close(self, error=None, whole=False):
        """The exchange is over.

        :param error: the class of what ended it
        :param whole: it ended by itself
        """
        number, self.number, self.held = self.number, 0, None
        if number and self.link is link.current:
            self.link.open -= 1
            left = error is None or issubclass(error, (GeneratorExit, StopIteration, StopAsyncIteration))
            reason = b"" if whole or left else error.__name__.encode()
            self.link.send(None, link.frame(link.CLOSE, 0 if whole else link.ABORTED, number, reason, time_ns()))

    def __del__(self):
        # Its connection was dropped without a word.
        if self.number:
            self.close()
