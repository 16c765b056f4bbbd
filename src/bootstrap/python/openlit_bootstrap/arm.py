"""Arms what belongs to a library that has just been imported. Raises nothing; a failure is said once."""
import importlib
import os
import sys
import threading
import warnings

from . import report

# A fork while another thread arms would leave the child with a lock that nobody opens: then it waits no longer than this.
PATIENCE = 10.0

_lock = threading.RLock()
_off = False


def run(name, module, function, *given):
    """Calls `function` of our module `module` for the library `name`, unless the program looks after itself."""
    if _off or not _lock.acquire(timeout=PATIENCE):
        return
    try:
        # No warning of our imports reaches the program, also under `-W error`.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(importlib.import_module("." + module, __package__), function)(*given)
    except Exception as error:
        reason = "%s: %s" % (type(error).__name__, error)
        report.status("partial", reason, instrumentor=name)
        report.say("%s is only partly observed (%s)" % (name, reason))
    else:
        report.status("success", instrumentor=name)
    finally:
        _lock.release()


def sdk(name, trigger):
    """Arms the SDK's instrumentor `name`, whose library is `trigger`; brings the SDK up first."""
    from . import sdk as copy

    path = os.path.realpath(copy.folder())
    if not os.path.isfile(os.path.join(path, ".complete")):
        fix = "openlit-instrument setup python --python %s" % sys.executable
        report.status("no_sdk", "there is no copy of OpenLIT's SDK for this Python", instrumentor=name)
        return report.say("of %s only the LLM calls are seen; for the rest type: %s" % (trigger, fix))
    copy.serve(path)
    from . import core

    core.instrument(path, name)
    return None


def stand_down(reason):
    """The program uses OpenLIT itself: its own wins, and spans of ours stay unsaid."""
    global _off
    if _off:
        return
    _off = True
    spans = sys.modules.get(__package__ + ".spans")
    if spans is not None:
        spans.silent = True
    report.status("already_instrumented", reason)


hand_over = stand_down
