"""Gets telemetry out before a process ends, by hooks that the program cannot notice: no signal handlers."""
import atexit
import os
import sys

_finalized = False


def watch(sender):
    """Registers every hook. Call once, when arming.

    :param sender: has `flush` and `after_fork`
    """
    atexit.register(_flush, sender)
    _in_worker(sender)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _child(sender))


def _flush(sender):
    try:
        sender.flush()
    except Exception:
        pass


def _child(sender):
    global _finalized
    _finalized = False
    sender.after_fork()
    _in_worker(sender)


def _in_worker(sender):
    """multiprocessing's children leave through os._exit: their only hook is multiprocessing's own finalizer."""
    util = sys.modules.get("multiprocessing.util")
    if util is None:
        return

    def register(_sender):
        global _finalized
        if not _finalized:
            _finalized = True
            # Below all others: the program's own finalizers may still make calls.
            util.Finalize(None, _flush, args=(sender,), exitpriority=-1000)

    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        register(sender)
    # In a forked child the registry of finalizers is emptied first and these are run then.
    util.register_after_fork(sender, register)
