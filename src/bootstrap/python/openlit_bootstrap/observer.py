"""Starts the observer as nobody's child: the program gets no child to wait for, no signal and no descriptor."""
import _signal
import os
import sys
from _socket import AF_UNIX, SOCK_STREAM, socketpair


def start(words):
    """Starts the program `words` with one end of a socket pair as descriptor 3; returns the other end.

    A shell stands between: it forks the observer and ends at once. `posix_spawn` costs the same for a large process as for
    a small one, and runs none of the program's fork handlers.

    :raises OSError: it cannot be started
    """
    from fcntl import fcntl

    if not os.access(words[0], os.X_OK):
        raise OSError("%s is not there or not executable" % words[0])
    mine, theirs = socketpair(AF_UNIX, SOCK_STREAM, 0)
    try:
        # A number that is not in the way of 0 to 3. 1030: F_DUPFD_CLOEXEC.
        far = fcntl(theirs.fileno(), 1030, 10)
        theirs.close()
        try:
            _spawn(words, far)
        finally:
            os.close(far)
    except BaseException:
        mine.close()
        theirs.close()
        raise
    mine.setblocking(False)
    return mine


def _spawn(words, end):
    null = (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDWR, 0)
    actions = [null, (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2), (os.POSIX_SPAWN_DUP2, end, 3)]
    actions += [(os.POSIX_SPAWN_CLOSE, number) for number in _inheritable() if number > 3]
    if os.access("/bin/sh", os.X_OK):
        between = ["/bin/sh", "-c", 'cd / && "$@" &', "sh"] + words
    else:
        code = "import os,sys; os.chdir('/'); os.fork() or os.execv(sys.argv[1], sys.argv[1:])"
        between = [sys.executable, "-I", "-S", "-c", code] + words
    kept = {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    kept.update((name, os.environ[name]) for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ)
    kept["OPENLIT_INSTRUMENT_DISABLED"] = "1"
    options = {"file_actions": actions, "setsigmask": (), "setsigdef": range(1, 32), "setsid": True}
    # SIGKILL and SIGSTOP have no other action than their own.
    options["setsigdef"] = [n for n in options["setsigdef"] if n not in (9, 19)]
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGCHLD,))
    try:
        pending = _signal.SIGCHLD in _signal.sigpending()
        try:
            pid = os.posix_spawn(between[0], between, kept, **options)
        except NotImplementedError:
            del options["setsid"]
            pid = os.posix_spawn(between[0], between, kept, **options)
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            # The program ignores SIGCHLD: the kernel has reaped it.
            pass
        if not pending and _signal.SIGCHLD in _signal.sigpending():
            _take_signal()
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def _take_signal():
    """Takes our child's signal away, and gives it back where a child of the program ended at the same time."""
    _signal.sigtimedwait((_signal.SIGCHLD,), 0)
    try:
        other = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        other = None
    if other is not None:
        os.kill(os.getpid(), _signal.SIGCHLD)


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
