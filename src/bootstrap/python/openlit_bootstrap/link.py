"""The way to the observer: the one connection of this process, and what is said on it beside exchanges."""
import os
import sys
from _socket import AF_UNIX, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET, socket
from time import time_ns

from . import report
from .connection import LATE, LIMIT, Connection
from .frames import HELLO, LOST, SPAN, START, frame, text

# The open connection; exchanges of an earlier one (of a dead observer, of the process we were forked from) send nothing.
current = None
_pid = os.getpid()
_deaths = 0
_off = False
_lost = 0
_taps = None


def connection():
    """The connection for a new exchange, made when there is none; None: this process is not observed (any more)."""
    if _pid != os.getpid():
        forked()
    if current is not None:
        current.hear()
    return current if current is not None or _off else _connect()


def forked():
    """In a child: the connection, and what waits for it, belong to the parent."""
    global current, _pid, _deaths, _lost
    _pid = os.getpid()
    if current is not None:
        current.alive = False
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
        _taps = given if isinstance(given, dict) and given.get("v") == 1 else {}
    return _taps or None


def _connect():
    global _off, _lost
    taps = settings()
    retry = taps is not None and taps.get("retry") is True
    if taps is None or (_deaths > 1 and not retry):
        _off = True
        if taps is not None:
            report.say("the observer ended twice; calls are not observed any more")
        return None
    words, path, sock, end = taps.get("observer"), taps.get("socket"), None, None
    try:
        # Without a path, no folder is private: then each process has an observer of its own.
        if path:
            sock = socket(AF_UNIX, SOCK_STREAM, 0)
            sock.setblocking(False)
            try:
                sock.connect(path)
            except BlockingIOError:
                # Its queue is full: this exchange is not seen, the next one may be.
                sock.close()
                _lost += 1
                report.say(LATE)
                return None
            except OSError:
                sock.close()
                sock = None
        if sock is None:
            if not words:
                # In a pod the observer may come later, or again: this exchange is not seen, the next one may be.
                _off = not retry
                _lost += retry
                return None
            from . import observer

            sock, end = observer.pair(words)
        mine = Connection(_high(sock), _ended)
        if current is None:
            _begin(mine)
        # Before it is started: other threads hand over to it already.
        if end is not None:
            observer.start(words, end, taps.get("start"))
    except Exception as error:
        _off = True
        if current is not None:
            current.end()
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


def _ended(mine):
    global current, _deaths, _lost
    if mine is current:
        current = None
        _deaths += 1
        _lost += mine.open + mine.missed
        # A local view that is gone has nobody who would miss them.
        if not mine.closed and (settings() or {}).get("observer"):
            report.say("the observer ended; calls that it had not sent are lost")


def _high(sock):
    """The same socket under a high number, so that the program's next file has the number that it has without us."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    # As much room as we may have; 32 is SO_SNDBUFFORCE of Linux.
    for option in (32, SO_SNDBUF) if sys.platform == "linux" else ():
        try:
            sock.setsockopt(SOL_SOCKET, option, 4 * 1024 * 1024)
            break
        except OSError:
            pass
    try:
        number = fcntl(sock.fileno(), F_DUPFD_CLOEXEC, 240)
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
    workload = (settings() or {}).get("workload")
    if workload:
        facts["workload"] = workload
    return facts


def span(scope, facts):
    """Hands over an ended span (OTLP/JSON) that stands for nothing on the wire."""
    _say(SPAN, {"scope": scope, "span": facts})


def start(facts):
    """Notes that a span has begun: its ids and its name."""
    _say(START, facts)


def _say(kind, facts):
    to = connection()
    if to is None:
        return
    if to.crowded:
        to.relax()
    if to.crowded or to.size >= LIMIT:
        return to.miss()
    to.send(None, frame(kind, 0, 0, text(facts), time_ns()))
