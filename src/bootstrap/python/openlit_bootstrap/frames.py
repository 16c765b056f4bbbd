"""The frames of the tap protocol, version 1 (docs/protocols.md)."""
from _struct import Struct

HELLO, OPEN, REQUEST, BYTES, GAP, HEAD, END, MESSAGE, CLOSE, SPAN, LOST, BYE, START = range(1, 14)
SAY, DONE = 32, 33
# MORE: the message goes on in the next frame of its flow. LEFT: it was the program that closed, by itself.
RECEIVED, BINARY, ABORTED, WAITS, MORE, LEFT = 1, 2, 4, 8, 16, 32
PIECE = 256 * 1024
HEADER = Struct("<IBBHIQ")
_encode = None


def frame(kind, flags, number, payload=b"", time=0):
    """The bytes of one frame; `payload` is bytes-like, and cut where it is longer than a frame may be."""
    size = len(payload)
    if size <= PIECE:
        return HEADER.pack(size, kind, flags, 0, number, time) + payload
    view = memoryview(payload).cast("B")
    return b"".join([frame(kind, flags, number, bytes(view[at : at + PIECE]), time) for at in range(0, len(view), PIECE)])


def text(facts):
    """JSON as the protocol has it. A program that calls models has imported `json` long before."""
    global _encode
    if _encode is None:
        from json import JSONEncoder

        _encode = JSONEncoder(separators=(",", ":"), check_circular=False).encode
    return _encode(facts).encode("utf-8", "surrogatepass")
