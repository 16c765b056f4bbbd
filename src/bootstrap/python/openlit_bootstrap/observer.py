"""Starts the observer as nobody's child: the program gets no child to wait for, no signal and no descriptor."""
import _signal
import os
import posix
import sys
from _socket import AF_UNIX, SOCK_STREAM, socketpair


def pair(words):
    """The two ends of what an observer will read: ours, and the number of the descriptor for `start`.

    :raises OSError: `words` cannot be started
    """
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    # What it would die without: its runtime, its code, its settings (which its launcher's user alone may read).
    for before, word in zip([None] + words, words):
        if word[:1] == "/" and before != "--socket" and not os.access(word, os.R_OK if before else os.X_OK):
            raise OSError("%s is not there, or not for this user" % word)
    mine, theirs = socketpair(AF_UNIX, SOCK_STREAM, 0)
    try:
        # A number that is not in the way of 0 to 3.
        far = fcntl(theirs.fileno(), F_DUPFD_CLOEXEC, 10)
    except OSError:
        mine.close()
        raise
    finally:
        theirs.close()
    mine.setblocking(False)
    return mine, far


def start(words, end, script):
    """Starts the program `words` with `end` as its descriptor 3, and closes `end`.

    A shell with our `script` stands between: it forks the observer and ends at once. `posix_spawn` costs the same for a
    large process as for a small one, and runs none of the program's fork handlers.

    :raises OSError: it cannot be started
    """
    try:
        _spawn(words, end, script)
    finally:
        os.close(end)


def _spawn(words, end, script):
    # `posix`, not `os`, where gevent's functions stand: they let other greenlets run.
    null = (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDWR, 0)
    actions = [null, (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2), (os.POSIX_SPAWN_DUP2, end, 3)]
    actions += [(os.POSIX_SPAWN_CLOSE, number) for number in _inheritable() if number > 3]
    if script and os.access("/bin/sh", os.X_OK) and os.access(script, os.R_OK):
        between = ["/bin/sh", script] + words
    else:
        code = "import os,sys; os.chdir('/'); os.fork() or os.execv(sys.argv[1], sys.argv[1:])"
        between = [sys.executable, "-I", "-S", "-c", code] + words
    kept = {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    kept.update((name, os.environ[name]) for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ)
    kept["OPENLIT_INSTRUMENT_DISABLED"] = "1"
    # What a program may have ignored, and what Python does.
    normal = [_signal.SIGHUP, _signal.SIGINT, _signal.SIGPIPE, _signal.SIGTERM, _signal.SIGCHLD, _signal.SIGALRM]
    options = {"file_actions": actions, "setsigmask": (), "setsigdef": normal, "setsid": True}
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGCHLD,))
    try:
        pending, ended = _signal.SIGCHLD in _signal.sigpending(), _ended()
        try:
            pid = posix.posix_spawn(between[0], between, kept, **options)
        except NotImplementedError:
            del options["setsid"]
            pid = posix.posix_spawn(between[0], between, kept, **options)
        try:
            _wait(pid)
        except ChildProcessError:
            # The program ignores SIGCHLD: the kernel has reaped it.
            pass
        if not pending and _signal.SIGCHLD in _signal.sigpending():
            _take_signal(pid, ended)
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def _wait(pid):
    """Waits for our child, half a second at most: where no process may be started, bash tries it for 15 s."""
    if not hasattr(_signal, "sigtimedwait"):
        return posix.waitpid(pid, 0)
    for _ in range(500):
        # Of no signal at all: gevent has replaced every other wait.
        if posix.waitpid(pid, os.WNOHANG)[0] or _signal.sigtimedwait((), 0.001):
            return
    os.kill(pid, _signal.SIGKILL)
    posix.waitpid(pid, 0)


def _take_signal(pid, ended):
    """Takes our child's signal away, and gives it back where a child of the program ended at the same time."""
    if not hasattr(_signal, "sigtimedwait"):
        # macOS: the program sees one signal of a child that is not there any more.
        return
    taken = _signal.sigtimedwait((_signal.SIGCHLD,), 0)
    if taken is not None and taken.si_pid != pid or not ended and _ended():
        os.kill(os.getpid(), _signal.SIGCHLD)


def _ended():
    """Whether a child has ended that nobody has waited for."""
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except (ChildProcessError, AttributeError):
        return False


def _inheritable():
    """Descriptors that a child would get."""
    found = []
    for name in os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"):
        try:
            if os.get_inheritable(int(name)):
                found.append(int(name))
        except OSError:
            pass
    return found
