"""One exchange on its way to the observer. It is held back until its host, path or body looks like a model call."""
import re
import sys
from contextvars import ContextVar
from time import time_ns

from . import frames, link, lookahead, trace

# The request of a tap above, [above that one, whether it was seen below, ..., whether it is over]: not reported there, too.
# A list, because the tap below may be in a task of its own.
above = ContextVar("openlit_instrument_above", default=None)

_LOOK = 4096
_ends = sys.is_finalizing


# Made at the first request: searches for a path, the path of a GET, names of headers, keys of a body, a body; host -> what
# the look-ahead says of it.
_looks = None
_hosts = {}


def _expressions():
    global _looks
    _looks = [re.compile(text).search for text in (lookahead.PATH, lookahead.GET_PATH)]
    _looks.append(re.compile(b"\n%s:" % lookahead.HEADER.strip("^$").encode(), re.I).search)
    # Each way through BODY has one of its keys: looked for first, by their first letters, because most bodies have none.
    keys = {}
    for group in re.findall(r'"(?:\(\?:)?([A-Za-z_|]+)\)?"\\s\*:', lookahead.BODY):
        for key in group.split("|"):
            keys.setdefault(key[0], set()).add(key[1:])
    either = "|".join(["%s(?:%s)" % (letter, "|".join(sorted(rests))) for letter, rests in sorted(keys.items())])
    _looks.append(re.compile(('"(?:%s)"' % either).encode()).search)
    _looks.append(re.compile(lookahead.BODY.encode()).search)
    return _looks


def _host(host):
    """(hosts of calls on any path, hosts whose bodies say nothing): whether it is one of them."""
    found = _hosts.get(host)
    if found is None:
        if len(_hosts) > 999:
            _hosts.clear()
        name = host.lower()
        found = bool(re.search(lookahead.HOST, name)), bool(re.search(lookahead.CLOSED_HOST, name))
        _hosts[host] = found
    return found


def server(secure, host, port, target):
    """(secure, host, port, path) of a request: a target that is sent to a proxy names the server itself."""
    if target[:1] == "/" or "://" not in target[:9]:
        return secure, host, port, target
    scheme, _, rest = target.partition("://")
    host, slash, path = rest.partition("/")
    host, _, number = host.rpartition("@")[2].partition(":")
    secure = scheme == "https"
    return secure, host, int(number) if number.isdigit() else 443 if secure else 80, slash + path


def words(data):
    """Method, target and version of what begins a request, as text; None of other bytes."""
    found = data[: data.find(b"\r\n")].decode("latin-1").split(" ")
    return found if len(found) == 3 and found[2][:5] == "HTTP/" else None


def lines(fields):
    """Header fields as `begin` looks at them."""
    return "".join(["\n%s:" % field[0] for field in fields]).encode("utf-8", "replace")


def begin(kind, protocol, method, secure, host, port, path, head, time=0):
    """A request is about to leave. Returns its Channel, or None where it cannot be a model call.

    :param kind: "connection" (wire bytes follow) or "exchange" (heads and bodies follow)
    :param path: with query
    :param head: bytes with the header fields, one a line
    :param time: Unix nanoseconds, where it was not now
    """
    in_path, in_get, in_names = (_looks or _expressions())[:3]
    bare = path.partition("?")[0]
    if bare[-1:] == "/":
        bare = bare[:-1]
    outer = above.get()
    while outer is not None:
        outer[1] = True
        outer = outer[0]
    post = method == "POST"
    sure = in_path(bare) or _host(host)[0] if post else method == "GET" and in_get(bare)
    if not sure:
        sure = in_names(head)
        if not sure and (not post or _host(host)[1]):
            return None
    channel = Channel()
    facts = {"kind": kind, "secure": secure, "protocol": protocol}
    if host:
        facts["host"] = host
    if port:
        facts["port"] = port
    channel.held = [(frames.OPEN, 0, facts)]
    channel.time = time or time_ns()
    channel.seen = b""
    channel.sure = bool(sure)
    if sure and not post:
        channel.go()
    return channel


class Channel:
    """The frames of one exchange. Every method is harmless once the exchange is over, or not wanted."""

    # `held`: frames that wait until it is known whether this is a call, and where that is `sure`, until the request's body
    # is there: one send to the observer costs the program more than all the rest of a hand-over.
    __slots__ = ("link", "number", "held", "sure", "time", "seen", "place", "answer")

    def __init__(self):
        self.link = None
        self.number = 0
        self.held = None
        self.sure = False
        # Whatever the tap needs to know of this exchange.
        self.place = None
        self.answer = None

    def go(self):
        """It looks like a model call: hands over what was held."""
        held, self.held, self.sure = self.held, None, False
        to = link.connection()
        if to is None:
            return
        to.number += 1
        to.open += 1
        self.link, self.number = to, to.number
        held.insert(1, (frames.REQUEST, 0, trace.context() or b"{}"))
        parts = [frames.frame(k, f, self.number, p if type(p) is bytes else frames.text(p), self.time) for k, f, p in held]
        to.send(self, b"".join(parts))

    def put(self, kind, flags, payload=b""):
        """Hands over one frame."""
        if self.sure and (flags & frames.RECEIVED or kind == frames.END):
            self.go()
        if self.number:
            if self.link.alive:
                self.link.send(self, frames.frame(kind, flags, self.number, payload, time_ns()))
        elif self.held is not None:
            if flags & frames.RECEIVED:
                # An answer before the body said anything; `100 Continue` is none.
                if payload[:10] != b"HTTP/1.1 1":
                    self.held = None
            else:
                self.held.append((kind, flags, payload))

    def sent(self, data, body=0):
        """Bytes that the program sent; those of the request's body begin at `body`."""
        self.put(frames.BYTES, 0, data if self.number else bytes(data))
        if self.held is not None and len(data) > body:
            if self.sure:
                return self.go()
            self.seen += bytes(memoryview(data)[body : body + _LOOK])
            if _looks[3](self.seen, 0, _LOOK) and _looks[4](self.seen, 0, _LOOK):
                self.go()
            elif len(self.seen) >= _LOOK:
                self.held = None

    def received(self, data):
        """Bytes that the program received."""
        if data:
            self.put(frames.BYTES, frames.RECEIVED, data)

    def message(self, flags, data):
        """One whole message of a WebSocket."""
        while len(data) > frames.PIECE:
            self.put(frames.MESSAGE, flags | frames.MORE, data[: frames.PIECE])
            data = data[frames.PIECE :]
        self.put(frames.MESSAGE, flags, data)

    def close(self, error=None, whole=False, first=False):
        """The exchange is over.

        :param error: the class of what ended it
        :param whole: it ended by itself
        :param first: of a WebSocket: the program said goodbye before the server did
        """
        if self.sure:
            self.go()
        number, self.number, self.held = self.number, 0, None
        if number and self.link.alive:
            self.link.open -= 1
            quiet = whole or error is None or issubclass(error, (GeneratorExit, StopIteration, StopAsyncIteration))
            left = first if whole else _left(error)
            flags = (0 if whole else frames.ABORTED) | (frames.LEFT if left else 0)
            reason = b"" if quiet else error.__name__.encode()
            self.link.send(None, frames.frame(frames.CLOSE, flags, number, reason, time_ns()))

    def __reduce__(self):
        # It lies in objects of client libraries, which programs copy and pickle: there it is nothing.
        return type(None), ()

    def __del__(self):
        # Its connection was dropped without a word.
        # A signal may have come while it was made.
        if getattr(self, "number", 0) or getattr(self, "sure", False):
            # A program that ends with it open has decided nothing about it.
            self.close(SystemExit if _ends() else None)


# What comes out of these is a failure of the exchange. Anything else that ends it is the program's own affair.
_WIRE = frozenset(("httpcore", "httpcore2", "httpx", "httpx2", "h11", "h2", "http", "urllib3", "requests", "aiohttp"))
_WIRE |= {"anyio", "trio", "ssl", "websockets", "websocket", "asyncio"}


def _left(error):
    """Whether the program went away by itself: it closed, was cancelled, or had an error of its own."""
    if error is None or not issubclass(error, Exception):
        # GeneratorExit, asyncio's CancelledError, trio's Cancelled, KeyboardInterrupt.
        return error is not SystemExit
    if issubclass(error, (OSError, EOFError)) or "Timeout" in error.__name__:
        return False
    return error.__module__.partition(".")[0] not in _WIRE
