"""WebSocket clients (websockets: sync, asyncio, trio and legacy; websocket-client): heads, then whole messages.

A message is handed over after permessage-deflate, its fragments joined.
"""
import sys

from . import channel, frames, places

_HEADERS = [["Upgrade", "websocket"]]
_shaken = {}


def _begin(secure, host, port, path, fields):
    exchange = channel.begin("exchange", "websocket", "GET", secure, host, port, path, channel.lines(fields))
    if exchange is not None:
        exchange.put(frames.HEAD, 0, frames.text({"method": "GET", "path": path, "headers": fields}))
        exchange.put(frames.END, 0)
        exchange.place = {}
    return exchange


def _head(exchange, status, fields):
    exchange.put(frames.HEAD, frames.RECEIVED, frames.text({"status": status, "headers": [list(field) for field in fields]}))


def _part(exchange, flow, opcode, fin, data):
    """A frame of the protocol: 0 continues a message, 1 is text, 2 is binary, 8 says goodbye."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    if opcode == 8:
        exchange.place.setdefault("goodbye", flow)
    if opcode > 2:
        return
    begun = exchange.place.setdefault(flow, [opcode])
    begun.append(bytes(data))
    if fin:
        del exchange.place[flow]
        exchange.message(flow | (frames.BINARY if begun[0] == 2 else 0), b"".join(begun[1:]))


def _over(owner, args=(), error=None):
    exchange = owner.__dict__.pop("_openlit_exchange", None)
    if exchange is not None:
        # Programs say goodbye: without it, the other side is gone.
        first = exchange.place.get("goodbye")
        exchange.close(error or sys.exc_info()[0] or EOFError, first is not None, first == 0)


def client(module):
    """`websockets.client`."""
    protocol_ = getattr(module, "ClientProtocol", None)
    if protocol_ is not None:
        places.around(protocol_, "send_request", before=_asking)
        places.around(protocol_, "process_response", before=_answered)


def protocol(module):
    """`websockets.protocol`."""
    places.around(module.Protocol, "send_frame", before=_send)
    places.around(module.Protocol, "recv_frame", before=_receive)
    places.around(module.Protocol, "receive_eof", before=_over)


def _asking(owner, args):
    uri = getattr(owner, "uri", None) or owner.wsuri
    request = args[0]
    exchange = _begin(uri.secure, uri.host, uri.port, request.path, [list(field) for field in request.headers.raw_items()])
    if exchange is not None:
        owner.__dict__["_openlit_exchange"] = exchange


def _answered(owner, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is not None:
        _head(exchange, args[0].status_code, args[0].headers.raw_items())
        if args[0].status_code != 101:
            exchange.received(getattr(args[0], "body", None))
            exchange.put(frames.END, frames.RECEIVED)


def _send(owner, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is not None:
        _part(exchange, 0, args[0].opcode, args[0].fin, args[0].data)


def _receive(owner, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is not None:
        _part(exchange, frames.RECEIVED, args[0].opcode, args[0].fin, args[0].data)


def legacy_client(module):
    """`websockets.legacy.client`."""
    places.around(module.WebSocketClientProtocol, "write_http_request", before=_legacy_asking)
    places.around(module.WebSocketClientProtocol, "read_http_response", after=_legacy_answered)


def legacy_protocol(module):
    """`websockets.legacy.protocol`."""
    places.around(module.WebSocketCommonProtocol, "write_frame", before=_legacy_send)
    places.around(module.WebSocketCommonProtocol, "read_message", after=_legacy_receive)
    places.around(module.WebSocketCommonProtocol, "connection_lost", before=_over)


def _legacy_asking(owner, args):
    fields = [list(field) for field in args[1].raw_items()]
    # Not by their properties, which warn that they are old.
    facts = owner.__dict__
    secure, host, port = (facts.get("_" + name, facts.get(name)) for name in ("secure", "host", "port"))
    exchange = _begin(bool(secure), host, port, args[0], fields)
    if exchange is not None:
        owner.__dict__["_openlit_exchange"] = exchange


def _legacy_answered(owner, note, result, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is not None:
        _head(exchange, result[0], result[1].raw_items())


def _legacy_send(owner, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is not None:
        _part(exchange, 0, args[1], args[0], args[2])


def _legacy_receive(owner, note, message, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is None:
        return
    if message is None:
        exchange.place.setdefault("goodbye", frames.RECEIVED)
    else:
        _part(exchange, frames.RECEIVED, 1 if isinstance(message, str) else 2, True, message)


def core(module):
    """`websocket._core` of websocket-client."""
    places.around(module, "handshake", before=_shaking, after=_shook, failed=_not_shaken)
    places.around(module.WebSocket, "connect", after=_connected)
    places.around(module.WebSocket, "send_frame", before=_send)
    places.around(module.WebSocket, "recv_frame", after=_received)
    places.around(module.WebSocket, "shutdown", before=_over)


def _shaking(sock, args):
    url, host, port, path = args[:4]
    return _begin(url[:4] == "wss:", host, port, path, _HEADERS)


def _shook(sock, exchange, answer, args):
    if exchange is not None:
        _head(exchange, answer.status, (answer.headers or {}).items())
        _shaken[id(sock)] = exchange


def _not_shaken(sock, exchange, error, args):
    if exchange is not None:
        exchange.close(type(error))


def _connected(owner, note, result, args):
    exchange = _shaken.pop(id(owner.sock), None)
    if exchange is not None:
        owner.__dict__["_openlit_exchange"] = exchange


def _received(owner, note, frame, args):
    exchange = owner.__dict__.get("_openlit_exchange")
    if exchange is not None and frame is not None:
        _part(exchange, frames.RECEIVED, frame.opcode, frame.fin, frame.data)
