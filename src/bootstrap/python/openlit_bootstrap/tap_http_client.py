"""http.client, and so requests, urllib3, botocore and urllib: wire bytes, where they are sent and where they are read."""
import _socket
import sys
from _weakref import ref

from . import channel, frames, places

# Exchanges whose answer is awaited, by the id of their socket: (reference to the socket, exchange).
_asked = {}

_LOOK = getattr(_socket, "MSG_PEEK", 0) | getattr(_socket, "MSG_DONTWAIT", 0)

# What `place` of an exchange says.
_IDLE, _SENDING, _ANSWERED, _LAST, _AT_END = range(5)


def client(module):
    """`http.client`."""
    connection = module.HTTPConnection
    places.around(connection, "putrequest", before=_asking)
    places.around(connection, "send", before=_sending, after=_sent, failed=_not_sent)
    places.around(connection, "close", before=_closed)
    places.around(module.HTTPResponse, "__init__", after=_answer)


def _reference(sock, gone):
    try:
        return ref(sock, gone)
    except TypeError:
        # One of the program's own that allows none.
        return lambda: sock


def _asking(connection, args):
    # Of all that is sent, only what comes next is a head: a body may look like one.
    connection.__dict__["_openlit_exchange"] = True


def _sending(connection, args):
    """The exchange that these bytes belong to; None where there is none."""
    exchange = connection.__dict__.pop("_openlit_exchange", None)
    if exchange is None:
        return None
    if exchange is not True:
        connection.__dict__["_openlit_exchange"] = exchange
        if exchange.place >= _ANSWERED:
            return None
        if exchange.place == _SENDING:
            # The CONNECT of a tunnel, out of the request that needs it.
            return None
        exchange.place = _SENDING
        return exchange
    data = args[0]
    if type(data) is not bytes or data[:4] not in (b"POST", b"GET ", b"DELE"):
        return None
    line = channel.words(data)
    if line is None:
        return None
    tunnel = getattr(connection, "_tunnel_host", None)
    host, port = (tunnel, connection._tunnel_port) if tunnel else (connection.host, connection.port)
    server = channel.server(connection.default_port == 443, host.strip("[]"), port, line[1])
    exchange = channel.begin("connection", "http/1.1", line[0], *server, data)
    if exchange is not None:
        exchange.place = _SENDING
        connection.__dict__["_openlit_exchange"] = exchange
    return exchange


def _sent(connection, exchange, result, args):
    if exchange is None:
        return
    exchange.place = _IDLE
    data = args[0]
    sock = connection.sock
    if id(sock) not in _asked or _asked[id(sock)][1] is not exchange:
        number = id(sock)
        _asked[number] = (_reference(sock, lambda gone: _asked.pop(number, None)), exchange)
        exchange.sent(data, data.find(b"\r\n\r\n") + 4)
        return
    try:
        exchange.sent(memoryview(data).cast("B"))
    except TypeError:
        # A file or an iterable that http.client has read by itself.
        exchange.put(frames.GAP, 0)


def _not_sent(connection, exchange, error, args):
    if exchange is not None:
        exchange.place = _ANSWERED
        if type(args[0]) is bytes:
            exchange.sent(args[0], args[0].find(b"\r\n\r\n") + 4)
        exchange.close(type(error))


def _closed(connection, args):
    exchange = connection.__dict__.get("_openlit_exchange")
    if exchange not in (None, True) and exchange.place == _IDLE:
        _asked.pop(id(connection.sock), None)
        exchange.place = _ANSWERED
        exchange.close(sys.exc_info()[0])


def _answer(response, note, result, args):
    entry = _asked.pop(id(args[0]), None) if _asked else None
    if entry is None or entry[0]() is not args[0]:
        return
    exchange = entry[1]
    exchange.place = _ANSWERED
    raw = response.fp.raw
    exchange.answer = ref(response)
    raw.__dict__["_openlit_exchange"] = exchange
    places.become(raw, {"readinto": {"after": _read}, "close": {"before": _done}})


def _read(raw, note, size, args):
    exchange = raw.__dict__["_openlit_exchange"]
    if exchange is None:
        return
    if size:
        data = bytes(memoryview(args[0])[:size])
        exchange.received(data)
        if data[-5:] == b"0\r\n\r\n":
            # The last chunk, of a chunked answer.
            exchange.place = _LAST
    elif size == 0:
        exchange.place = _AT_END


def _unread(raw, length):
    """What has arrived of an answer that the program throws away unread. Looked at without waiting and without taking it."""
    sock = raw._sock
    # gevent's sockets would wait, and a TLS connection cannot be looked into without reading from it.
    if isinstance(sock, _socket.socket) and not hasattr(sock, "pending"):
        try:
            return _socket.socket.recv(sock, min(length, 1 << 16), _LOOK)
        except OSError:
            return None


def _done(raw, args):
    exchange = raw.__dict__["_openlit_exchange"]
    if exchange is not None and (exchange.number or exchange.held):
        response = exchange.answer()
        whole = exchange.place == _AT_END
        if response is not None and not whole:
            whole = exchange.place == _LAST if response.chunked else response.length == 0
            if not whole and not response.chunked and response.length is not None:
                rest = places.guarded(_unread, raw, response.length) or b""
                exchange.received(rest)
                whole = len(rest) == response.length
        exchange.close(sys.exc_info()[0], whole)
