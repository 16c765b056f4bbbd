"""The connection to the observer: frames go out, without ever blocking (protocol: docs/protocols.md, "Tap frames").

One connection a process. What the kernel does not take at once waits here, LIMIT bytes at most; an exchange that would grow
beyond it is dropped whole and counted. No lock is held while a frame is sent: a signal handler, a destructor or another
thread that comes in meanwhile leaves its frame for the one inside.
"""
import os
import sys
from _collections import deque
from _socket import AF_UNIX, SOCK_STREAM, socket
from _struct import Struct
from time import time_ns

from . import report

HELLO, OPEN, REQUEST, BYTES, GAP, HEAD, END, MESSAGE, CLOSE, SPAN, LOST, BYE, START = range(1, 14)
SAY, DONE = 32, 33
# MORE: the message goes on in the next frame of its flow.
RECEIVED, BINARY, ABORTED, WAITS, MORE = 1, 2, 4, 8, 16
PIECE = 256 * 1024
LIMIT = 8 * 1024 * 1024
# MSG_DONTWAIT | MSG_NOSIGNAL, SO_COOKIE, SO_SNDBUF, SO_SNDBUFFORCE of Linux.
_NOW, _COOKIE, _ROOM, _MORE_ROOM = 0x4040, 57, 7, 32
_head = Struct("<IBBHIQ")

# The open connection; exchanges of an earlier one (of a dead observer, of the process we were forked from) send nothing.
current = None
_pid = os.getpid()
_deaths = 0
_off = False
_lost = 0
_taps = None


def frame(kind, flags, number, payload=b"", time=0):
    """The bytes of one frame; `payload` is bytes-like, and cut where it is longer than a frame may be."""
    size = len(payload)
    if size <= PIECE:
        return _head.pack(size, kind, flags, 0, number, time) + payload
    view = memoryview(payload).cast("B")
    return b"".join([frame(kind, flags, number, bytes(view[at : at + PIECE]), time) for at in range(0, len(view), PIECE)])


def text(facts):
    """JSON as the protocol has it. A program that calls models has imported `json` long before."""
    global _encode
    if _encode is None:
        from json import JSONEncoder

        _encode = JSONEncoder(separators=(",", ":"), check_circular=False).encode
    return _encode(facts).encode("utf-8", "surrogatepass")


_encode = None


class Connection:
    """A socket to the observer and what waits for it."""

    def __init__(self, sock):
        self.sock = sock
        self.number = 0
        self.open = 0
        self.wait = deque()
        self.size = 0
        self.token = [None]
        self.full = False
        self.inbox = b""
        try:
            self.cookie = sock.getsockopt(1, _COOKIE, 8)
        except OSError:
            self.cookie = None

    def send(self, channel, data):
        """Hands over frames; `channel` (None: the process) is dropped when there is no room for them."""
        if channel is not None and self.size + len(data) > LIMIT:
            return self.drop(channel, len(data))
        self.size += len(data)
        self.wait.append((channel, data))
        while self.wait:
            try:
                self.token.pop()
            except IndexError:
                return
            try:
                self.flush()
            except OSError:
                lose(self)
            except BaseException:
                # A signal handler raised in here: how much of a frame has gone is not known any more.
                lose(self)
                raise
            finally:
                self.token.append(None)
            if self.full or self is not current:
                return

    def flush(self):
        """Sends what waits, as far as the kernel takes it."""
        sock, wait = self.sock, self.wait
        self.check()
        self.full = False
        while wait:
            channel, data = wait.popleft()
            try:
                sent = sock.send(data, _NOW)
            except BlockingIOError:
                sent = 0
            self.size -= sent
            if sent < len(data):
                # Once a frame has begun it must go to its end, whatever becomes of its exchange.
                wait.appendleft((None if sent else channel, data[sent:]))
                self.full = True
                return

    def check(self):
        """A program may close all its descriptors and get the number for something else: that is left alone."""
        if self.cookie is not None and self.sock.getsockopt(1, _COOKIE, 8) != self.cookie:
            self.sock.detach()
            raise OSError("closed by the program")

    def drop(self, channel, size):
        """No room: this exchange is forgotten whole, here and in the observer."""
        number, channel.number = channel.number, 0
        self.open -= 1
        kept = deque()
        while self.wait:
            owner, data = self.wait.popleft()
            if owner is channel:
                size += len(data)
                self.size -= len(data)
            else:
                kept.append((owner, data))
        self.wait = kept
        self.send(None, frame(LOST, 0, number, text({"exchanges": 1, "bytes": size}), time_ns()))

    def hear(self):
        """What the observer says: lines for stderr are written. Returns whether it said that it is done."""
        done = False
        try:
            self.check()
            while True:
                data = self.sock.recv(65536, _NOW)
                if not data:
                    lose(self)
                    return True
                self.inbox += data
        except BlockingIOError:
            pass
        except OSError:
            lose(self)
            return True
        while len(self.inbox) >= _head.size:
            size, kind = _head.unpack_from(self.inbox)[:2]
            if len(self.inbox) < _head.size + size:
                break
            payload, self.inbox = self.inbox[_head.size : _head.size + size], self.inbox[_head.size + size :]
            if kind == SAY:
                report.say(payload.decode("utf-8", "replace"))
            elif kind == DONE:
                done = True
        return done


def lose(connection):
    """The observer is gone, or its descriptor: its exchanges are counted as lost."""
    global current, _deaths, _lost
    if connection is not current:
        return
    current = None
    _deaths += 1
    _lost += connection.open
    try:
        connection.sock.close()
    except OSError:
        pass
    connection.wait.clear()


def connection():
    """The connection for a new exchange, made when there is none; None: this process is not observed (any more)."""
    global _pid
    if _pid != os.getpid():
        forked()
    if current is not None:
        current.hear()
    if current is not None or _off:
        return current
    return _connect()


def forked():
    """In a child: the connection, and what waits for it, belong to the parent."""
    global current, _pid, _deaths, _lost
    _pid = os.getpid()
    if current is not None:
        current.sock.close()
    current, _deaths, _lost = None, 0, 0


def settings():
    """What the launcher says in OPENLIT_INSTRUMENT_TAP; None where it says nothing that we understand."""
    global _taps
    if _taps is None:
        from json import loads

        try:
            given = loads(os.environ.get("OPENLIT_INSTRUMENT_TAP") or "{}")
        except ValueError:
            given = {}
        _taps = given if isinstance(given, dict) and given.get("v") == 1 and given.get("socket") else {}
    return _taps or None


def _connect():
    global current, _off, _lost
    taps = settings()
    if taps is None or _deaths > 1:
        _off = True
        if taps is not None:
            report.say("the observer ended twice; calls are not observed any more")
        return None
    words, end = taps.get("observer"), None
    sock = socket(AF_UNIX, SOCK_STREAM, 0)
    try:
        sock.setblocking(False)
        try:
            sock.connect(taps["socket"])
        except BlockingIOError:
            # Its queue is full: this exchange is not seen, the next one may be.
            sock.close()
            _lost += 1
            return None
        except OSError:
            sock.close()
            if not words:
                _off = True
                return None
            from . import observer

            sock, end = observer.pair(words)
        mine = Connection(_high(sock))
        if current is None:
            _begin(mine)
        # Before it is started: other threads hand over to it already.
        if end is not None:
            observer.start(words, end)
    except Exception as error:
        _off = True
        if current is not None:
            lose(current)
        report.status("observer_failed", str(error))
        report.say("the observer cannot be started (%s); calls are not observed. Type: openlit-instrument doctor" % error)
    return current


def _begin(mine):
    global current, _lost
    current = mine
    mine.send(None, frame(HELLO, 0, 0, text(_hello()), time_ns()))
    if _lost:
        mine.send(None, frame(LOST, 0, 0, text({"exchanges": _lost}), time_ns()))
        _lost = 0
    from . import endings

    endings.in_worker()
    report.status("success", "connected to the observer")


def _high(sock):
    """The same socket under a high number, so that the program's next file has the number that it has without us."""
    from fcntl import fcntl

    for option in (_MORE_ROOM, _ROOM):
        try:
            sock.setsockopt(1, option, 4 * 1024 * 1024)
            break
        except OSError:
            pass
    try:
        # 1030: F_DUPFD_CLOEXEC.
        number = fcntl(sock.fileno(), 1030, 240)
    except OSError:
        return sock
    sock.close()
    moved = socket(AF_UNIX, SOCK_STREAM, 0, number)
    moved.setblocking(False)
    return moved


def _hello():
    facts = {
        "version": 1,
        "runtime": "python",
        "runtime_version": "%d.%d.%d" % sys.version_info[:3],
        "pid": _pid,
        "ppid": os.getppid(),
        "executable": sys.executable,
        "thread": 0,
    }
    words = getattr(sys, "argv", None)
    if words:
        facts["command"] = words[0]
    names = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES")
    facts["env"] = {name: os.environ[name] for name in names if name in os.environ}
    return facts


def span(scope, facts):
    """Hands over an ended span (OTLP/JSON) that stands for nothing on the wire."""
    to = connection()
    if to is not None:
        to.send(None, frame(SPAN, 0, 0, text({"scope": scope, "span": facts}), time_ns()))


def start(facts):
    """Notes that a span has begun: its ids and its name."""
    to = connection()
    if to is not None:
        to.send(None, frame(START, 0, 0, text(facts), time_ns()))


def finish(wait):
    """The process ends in order. Waits for what is in our hands to be taken, and where `wait`, for the observer's word."""
    mine = current
    if mine is None or _pid != os.getpid():
        return
    until = time_ns() + 1_000_000_000
    mine.send(None, frame(BYE, WAITS if wait else 0, 0, b"", time_ns()))
    try:
        while mine is current and (mine.wait or wait):
            left = (until - time_ns()) / 1e9
            if left <= 0:
                break
            mine.sock.settimeout(min(left, 0.05) if mine.wait else left)
            if mine.wait:
                _push(mine)
            elif _hears(mine):
                break
        if mine is current:
            mine.sock.setblocking(False)
            mine.hear()
    except OSError:
        lose(mine)


def _push(mine):
    channel, data = mine.wait.popleft()
    try:
        sent = mine.sock.send(data, 0x4000)
    except TimeoutError:
        sent = 0
    if sent < len(data):
        mine.wait.appendleft((channel, data[sent:]))


def _hears(mine):
    try:
        data = mine.sock.recv(65536)
    except TimeoutError:
        return True
    mine.inbox += data
    return not data or mine.hear()
