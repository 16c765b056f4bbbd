"""aiohttp: wire bytes, where its writer hands them to the transport and where its protocol gets them."""
import re
import sys

from . import channel, frames, places

_client = None


def protocol(module):
    """`aiohttp.client_proto`: what is received, and the ends of a connection."""
    global _client
    _client = handler = module.ResponseHandler
    places.around(handler, "data_received", before=_received)
    places.around(handler, "connection_lost", before=_lost)
    places.around(handler, "close", before=_closed)
    places.around(handler, "abort", before=_closed)


def writer(module):
    """`aiohttp.http_writer`: what is sent. Servers use it, too."""
    places.around(module.StreamWriter, "_write", before=_write)
    places.around(module.StreamWriter, "_writelines", before=_writelines)


def connector(module):
    """`aiohttp.connector`: connections that go back to the pool, and those that were never made."""
    places.around(module.BaseConnector, "_release", before=_released)
    places.around(module.BaseConnector, "connect", failed=_not_connected)


def websocket(module):
    """The writer of WebSocket frames, which is not the one above; its module has moved once."""
    kind = getattr(module, "WebSocketWriter", None)
    if kind is None or kind.__module__ != module.__name__:
        return
    if "_write_websocket_frame" in kind.__dict__:
        places.around(kind, "_write_websocket_frame", before=_frame)
    else:
        places.around(kind, "_write", before=_frame_bytes)


def _writelines(stream, args):
    state = stream.__dict__.get("_openlit_exchange")
    if state is not False:
        _write(stream, (b"".join(args[0]),))


def _write(stream, args):
    exchange = stream.__dict__.get("_openlit_exchange")
    if exchange is None:
        # The first bytes of a request: its head, and the body where it is at hand.
        exchange = stream.__dict__["_openlit_exchange"] = _begin(stream.protocol, bytes(args[0])) or False
        if exchange:
            data = bytes(args[0])
            exchange.sent(data, data.find(b"\r\n\r\n") + 4)
    elif exchange is not False:
        exchange.sent(args[0])


def _begin(handler, data):
    if _client is None or not isinstance(handler, _client):
        return None
    _end(handler, None, True)
    line = channel.words(data)
    if line is None or line[0] not in ("POST", "GET", "DELETE"):
        return None
    host = re.search(rb"(?i)\r\nhost:[ \t]*([^\r\n]*)", data)
    host = host.group(1).decode("latin-1").strip() if host else ""
    transport = handler.transport
    secure = transport is not None and transport.get_extra_info("sslcontext") is not None
    name, _, port = host.rpartition(":") if host[-1:] != "]" and ":" in host else (host, "", "")
    port = int(port) if port.isdigit() else 443 if secure else 80
    server = channel.server(secure, name.strip("[]"), port, line[1])
    exchange = channel.begin("connection", "http/1.1", line[0], *server, data)
    if exchange is not None:
        exchange.place = getattr(handler, "_payload", None)
        handler.__dict__["_openlit_exchange"] = exchange
    return exchange


def _received(handler, args):
    exchange = handler.__dict__.get("_openlit_exchange")
    # It gives itself again what it had put aside; the caller of this look is `place`, and the one above is whoever called.
    if exchange is not None and sys._getframe(3).f_globals.get("__name__") != _client.__module__:
        exchange.received(args[0])


def _end(handler, error, whole=None):
    exchange = handler.__dict__.pop("_openlit_exchange", None)
    if exchange is None:
        return
    if whole is None:
        payload = getattr(handler, "_payload", None)
        # The payload of the answer before stays until the next one comes.
        whole = getattr(handler, "_upgraded", False) or (
            payload is not None and payload is not exchange.place and payload.is_eof()
        )
    exchange.close(error, whole)


def _released(owner, args):
    if not getattr(args[1], "_upgraded", False):
        _end(args[1], _reason(args[1]))


def _closed(handler, args):
    _end(handler, _reason(handler))


def _lost(handler, args):
    _end(handler, type(args[0]) if args[0] is not None else None, args[0] is None)


def _reason(handler):
    error = handler.__dict__.get("_exception")
    return type(error) if error is not None else sys.exc_info()[0]


def _not_connected(owner, note, error, args):
    request = args[0]
    url = request.url
    server = url.scheme == "https", url.host or "", url.port, url.raw_path_qs
    fields = [[name, value] for name, value in request.headers.items()]
    exchange = channel.begin("exchange", "http/1.1", request.method, *server, channel.lines(fields))
    if exchange is None:
        return
    head = {"method": request.method, "path": url.raw_path_qs, "headers": fields}
    exchange.put(frames.HEAD, 0, frames.text(head))
    body = getattr(request.body, "_value", request.body)
    if isinstance(body, bytes) and body:
        exchange.sent(body)
    exchange.put(frames.END, 0)
    exchange.close(type(error))


def _frame(writer_, args):
    exchange = getattr(writer_.protocol, "__dict__", {}).get("_openlit_exchange")
    if exchange is not None:
        message, opcode, rsv = args[:3]
        size = len(message)
        head = bytes((0x80 | rsv | opcode,))
        if size < 126:
            head += bytes((size,))
        else:
            head += b"\x7e" + size.to_bytes(2, "big") if size < 65536 else b"\x7f" + size.to_bytes(8, "big")
        exchange.sent(head + message)


def _frame_bytes(writer_, args):
    exchange = getattr(writer_.protocol, "__dict__", {}).get("_openlit_exchange")
    if exchange is not None:
        exchange.sent(args[0])
