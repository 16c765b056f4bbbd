"""A socket to the observer: frames go out without ever blocking.

What the kernel does not take at once waits here, LIMIT bytes at most; an exchange that would grow beyond it is dropped
whole and counted. No lock is held while a frame is sent: a signal handler, a destructor or another thread that comes in
meanwhile leaves its frame for the one inside.
"""
import _socket
from _collections import deque
from _socket import SOL_SOCKET
from time import time_ns

from . import frames, report

LIMIT = 8 * 1024 * 1024
LATE = "some model calls could not be handed over, and are not reported"
# macOS has no MSG_NOSIGNAL; SO_COOKIE (57) is Linux's.
_QUIET = getattr(_socket, "MSG_NOSIGNAL", 0)
_NOW, _COOKIE = _socket.MSG_DONTWAIT | _QUIET, 57


class Connection:
    """The open socket, and what waits for it."""

    def __init__(self, sock, lost):
        # `lost` is called once, when it is of no use any more.
        self.sock = sock
        self.lost = lost
        self.alive = True
        self.closed = False
        self.number = 0
        self.open = 0
        self.wait = deque()
        self.size = 0
        self.token = [None]
        self.full = False
        # Something was dropped: no new exchange until half of what waits has gone, or each call would search all of it.
        self.crowded = False
        self.missed = 0
        self.inbox = b""
        try:
            self.cookie = sock.getsockopt(SOL_SOCKET, _COOKIE, 8)
        except OSError:
            self.cookie = None

    def send(self, channel, data):
        """Hands over frames; `channel` (None: the process) is dropped when there is no room for them."""
        if self.crowded:
            self.relax()
        if channel is not None and (self.size + len(data) > LIMIT or self.crowded and data[4] == frames.OPEN):
            return self.drop(channel, data)
        self.size += len(data)
        self.wait.append((channel, data))
        self.push()

    def push(self):
        """Sends what waits, unless somebody is at it."""
        while self.wait and self.alive:
            try:
                self.token.pop()
            except IndexError:
                return
            try:
                self.flush()
            except OSError:
                self.end()
            except BaseException:
                # A signal handler raised in here: how much of a frame has gone is not known any more.
                self.end()
                raise
            finally:
                self.token.append(None)
            if self.full:
                return

    def flush(self):
        """Sends what waits, as far as the kernel takes it."""
        self.check()
        self.full = False
        while self.wait:
            channel, data = self.wait.popleft()
            try:
                sent = self.sock.send(data, _NOW)
            except BlockingIOError:
                sent = 0
            if not self.took(channel, data, sent):
                self.full = True
                return

    def took(self, channel, data, sent):
        """Notes that the first `sent` bytes of what waited longest are gone; whether that is all of it."""
        self.size -= sent
        if sent < len(data):
            # Once a frame has begun it must go to its end, whatever becomes of its exchange.
            self.wait.appendleft((None if sent else channel, data[sent:]))
        return sent == len(data)

    def check(self):
        """A program may close all its descriptors and get the number for something else: that is left alone."""
        try:
            if self.cookie is None or self.sock.getsockopt(SOL_SOCKET, _COOKIE, 8) == self.cookie:
                return
        except OSError:
            pass
        self.sock.detach()
        self.closed = True
        raise OSError("closed by the program")

    def drop(self, channel, data):
        """No room: this exchange is forgotten whole, here and in the observer."""
        number, channel.number = channel.number, 0
        self.open -= 1
        if data[4] == frames.OPEN:
            return self.miss()
        self.miss(0)
        size = len(data) + sum([len(data) for owner, data in self.wait if owner is channel])
        self.wait = deque([entry for entry in self.wait if entry[0] is not channel])
        self.size = sum([len(data) for _, data in self.wait])
        self.send(None, frames.frame(frames.LOST, 0, number, frames.text({"exchanges": 1, "bytes": size}), time_ns()))

    def miss(self, count=1):
        """Something was not handed over, of which the observer knows nothing yet."""
        self.crowded = True
        self.missed += count
        report.say(LATE)

    def relax(self, most=LIMIT // 2):
        """Looks whether there is room again; what was missed is told then."""
        self.push()
        if self.size <= most:
            self.crowded, missed, self.missed = False, self.missed, 0
            if missed:
                self.send(None, frames.frame(frames.LOST, 0, 0, frames.text({"exchanges": missed}), time_ns()))

    def hear(self, flags=_NOW):
        """What the observer says: lines for stderr are written. Returns whether nothing more will be said."""
        done = False
        try:
            self.check()
            data = self.sock.recv(65536, flags)
            self.inbox += data
            done = not data
        except BlockingIOError:
            pass
        except _socket.timeout:
            return True
        except OSError:
            done = True
        if done:
            self.end()
        while len(self.inbox) >= frames.HEADER.size:
            size, kind = frames.HEADER.unpack_from(self.inbox)[:2]
            end = frames.HEADER.size + size
            if len(self.inbox) < end:
                break
            payload, self.inbox = self.inbox[frames.HEADER.size : end], self.inbox[end:]
            if kind == frames.SAY:
                report.say(payload.decode("utf-8", "replace"))
            done = done or kind == frames.DONE
        return done

    def finish(self, wait):
        """The process ends in order: what waits is pushed out, and with `wait` the observer's word is waited for; 1 s."""
        until = time_ns() + 1_000_000_000
        self.relax(LIMIT * 2)
        self.send(None, frames.frame(frames.BYE, frames.WAITS if wait else 0, 0, b"", time_ns()))
        done = not wait
        try:
            while self.alive and (self.wait or not done) and time_ns() < until:
                self.sock.settimeout(max((until - time_ns()) / 1e9, 0.001))
                if self.wait:
                    channel, data = self.wait.popleft()
                    try:
                        sent = self.sock.send(data, _QUIET)
                    except _socket.timeout:
                        sent = 0
                    self.took(channel, data, sent)
                else:
                    done = self.hear(0)
            if self.wait:
                report.say(LATE)
            if self.alive:
                self.sock.setblocking(False)
                self.hear()
        except OSError:
            self.end()

    def end(self):
        """The observer is gone, or our descriptor."""
        if self.alive:
            self.alive = False
            # Exchanges that were over, and had not left yet.
            self.missed += sum([head(data) == (len(data) - frames.HEADER.size, frames.CLOSE) for _, data in self.wait])
            self.wait.clear()
            try:
                self.sock.close()
            except OSError:
                pass
            self.lost(self)


def head(data):
    """Length and kind of a frame, of which the beginning may have left already."""
    return frames.HEADER.unpack_from(data)[:2] if len(data) >= frames.HEADER.size else None
