"""Gets what is in our hands out before a process ends, by hooks that the program cannot notice: no signal handlers."""
import atexit
import os
import sys

from . import loading


def install():
    """Registers every hook. At the start, so that ours is the last of all exit functions to run."""
    atexit.register(_finish)
    os.register_at_fork(after_in_child=_child)


def in_worker():
    """multiprocessing's children leave through os._exit: their only hook is multiprocessing's own finalizer."""
    if _is_worker():
        # Below all others: the program's own finalizers may still make calls.
        sys.modules["multiprocessing.util"].Finalize(None, _finish, exitpriority=-1000)


def _is_worker():
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None and "multiprocessing.util" in sys.modules


def _finish():
    link = loading.modules.get("link")
    try:
        if link is not None and link.current is not None:
            # The end of a worker is not the end of its container.
            link.current.finish(bool((link.settings() or {}).get("wait")) and not _is_worker())
    except Exception:
        pass


def _child():
    loading.forked()
    link = loading.modules.get("link")
    if link is not None:
        link.forked()
