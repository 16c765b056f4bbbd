"""Gets what is in our hands out before a process ends, by hooks that the program cannot notice: no signal handlers."""
import atexit
import os
import sys


def install():
    """Registers every hook. At the start, so that ours is the last of all exit functions to run."""
    atexit.register(_finish)
    os.register_at_fork(after_in_child=_child)


def in_worker():
    """multiprocessing's children leave through os._exit: their only hook is multiprocessing's own finalizer."""
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is None or process is None or process.parent_process() is None:
        return
    # Below all others: the program's own finalizers may still make calls.
    util.Finalize(None, _finish, args=(False,), exitpriority=-1000)


def _finish(last=True):
    try:
        from . import link

        if link.current is not None:
            link.finish(last and bool((link.settings() or {}).get("wait")))
    except Exception:
        pass


def _child():
    from . import loading

    if "link" in loading._modules:
        loading.load("link").forked()
