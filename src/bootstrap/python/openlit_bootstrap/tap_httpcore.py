"""httpcore and httpcore2: at their protocol machines (h11, h2), below all of their own streams and errors.

A machine is no object of the program, is used in the task of the request, and sees every request that reaches a server:
retries, redirects, proxies, sync, asyncio and trio. HTTP/1.1 is handed over as wire bytes, HTTP/2 as exchanges.
"""
import sys

from . import channel, frames, places


def http11(module):
    """`httpcore._sync.http11` and `httpcore._async.http11`."""
    for name in ("HTTP11Connection", "AsyncHTTP11Connection"):
        connection = getattr(module, name, None)
        if connection is not None:
            places.around(connection, "__init__", after=_made_http11)
            places.around(connection, "close", before=_closed)
            places.around(connection, "aclose", before=_closed)


def _made_http11(connection, note, result, args):
    machine = connection._h11_state
    machine.__dict__["_openlit_origin"] = connection._origin
    looks = {"send": {"after": _sent}, "receive_data": {"before": _received}, "start_next_cycle": {"before": _whole}}
    places.become(machine, looks)


def _closed(connection, args):
    machine = connection._h11_state
    exchange = machine.__dict__.pop("_openlit_exchange", None)
    if exchange is not None:
        exchange.close(sys.exc_info()[0], str(machine.their_state) in ("DONE", "MUST_CLOSE", "CLOSED"))


def _sent(machine, note, data, args):
    event = args[0]
    if type(event).__name__ == "Request":
        exchange = _begin(machine, event, data)
        if exchange is not None:
            machine.__dict__["_openlit_exchange"] = exchange
            exchange.sent(data, len(data))
    elif data:
        exchange = machine.__dict__.get("_openlit_exchange")
        if exchange is not None:
            exchange.sent(data)


def _begin(machine, event, data):
    origin = machine.__dict__["_openlit_origin"]
    method, target = event.method.decode("latin-1"), event.target.decode("latin-1")
    server = channel.server(origin.scheme == b"https", origin.host.decode("latin-1"), origin.port, target)
    return channel.begin("connection", "http/1.1", method, *server, data)


def _received(machine, args):
    exchange = machine.__dict__.get("_openlit_exchange")
    if exchange is not None:
        exchange.received(args[0])


def _whole(machine, args):
    exchange = machine.__dict__.pop("_openlit_exchange", None)
    if exchange is not None:
        exchange.close(whole=True)


def http2(module):
    """`httpcore._sync.http2` and `httpcore._async.http2`, imported when a server first speaks HTTP/2."""
    for name in ("HTTP2Connection", "AsyncHTTP2Connection"):
        connection = getattr(module, name, None)
        if connection is not None:
            places.around(connection, "__init__", after=_made_http2)
            places.around(connection, "_response_closed", before=_left)


def _made_http2(connection, note, result, args):
    machine = connection._h2_state
    machine.__dict__["_openlit_origin"] = connection._origin
    machine.__dict__["_openlit_exchanges"] = {}
    looks = {"send_headers": _head, "send_data": _data, "end_stream": _end, "receive_data": _events}
    places.become(machine, {name: {"after": look} for name, look in looks.items()})


def _text(value):
    return value if isinstance(value, str) else bytes(value).decode("latin-1")


def _fields(headers):
    return [[_text(name), _text(value)] for name, value in (field[:2] for field in headers)]


def _head(machine, note, result, args):
    fields = _fields(args[1])
    pseudo = {name: value for name, value in fields if name[:1] == ":"}
    origin = machine.__dict__["_openlit_origin"]
    method, path = pseudo.get(":method", ""), pseudo.get(":path", "")
    secure, host = origin.scheme == b"https", origin.host.decode("latin-1")
    exchange = channel.begin("exchange", "h2", method, secure, host, origin.port, path, channel.lines(fields))
    if exchange is None:
        return
    machine.__dict__["_openlit_exchanges"][args[0]] = exchange
    head = {"method": method, "path": path, "headers": [field for field in fields if field[0][:1] != ":"]}
    if ":authority" in pseudo:
        head["host"] = pseudo[":authority"]
    exchange.put(frames.HEAD, 0, frames.text(head))
    if len(args) > 2 and args[2]:
        exchange.put(frames.END, 0)


def _data(machine, note, result, args):
    exchange = machine.__dict__["_openlit_exchanges"].get(args[0])
    if exchange is not None:
        exchange.sent(args[1])


def _end(machine, note, result, args):
    exchange = machine.__dict__["_openlit_exchanges"].get(args[0])
    if exchange is not None:
        exchange.put(frames.END, 0)


def _events(machine, note, events, args):
    exchanges = machine.__dict__["_openlit_exchanges"]
    if not exchanges:
        return
    for event in events:
        exchange = exchanges.get(getattr(event, "stream_id", None))
        if exchange is None:
            continue
        kind = type(event).__name__
        if kind == "DataReceived":
            exchange.received(event.data)
        elif kind == "ResponseReceived":
            fields = _fields(event.headers)
            status = int(next((value for name, value in fields if name == ":status"), 0))
            head = {"status": status, "headers": [field for field in fields if field[0][:1] != ":"]}
            exchange.put(frames.HEAD, frames.RECEIVED, frames.text(head))
        elif kind == "StreamEnded":
            exchange.put(frames.END, frames.RECEIVED)
            exchange.place = True


def _left(connection, args):
    exchange = connection._h2_state.__dict__["_openlit_exchanges"].pop(args[0], None)
    if exchange is not None:
        exchange.close(sys.exc_info()[0], exchange.place is True)
