"""Arms what belongs to a library that has just been imported. Raises nothing; a failure is said once."""
import os
import sys
import threading
import warnings
from importlib.machinery import ModuleSpec

from . import libraries, link, loading, report, watch

# A fork while another thread arms would leave the child with a lock that nobody opens: then it waits no longer than this.
PATIENCE = 10.0

# What people write instead of a name in the settings.
_ALIASES = {"langgraph": "langchain", "autogen": "ag2", "pyautogen": "ag2"}

_lock = threading.RLock()
_done = set()


def run(module):
    """Arms the row of `module`, whose body has run."""
    name, function = libraries.ROWS[module.__name__]
    if module.__name__ in _done or "openlit" in sys.modules or not _wanted(name) or not _lock.acquire(timeout=PATIENCE):
        return
    _done.add(module.__name__)
    try:
        # No warning of our imports reaches the program, also under `-W error`.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            owner, _, function = function.partition(".")
            getattr(loading.load(owner), function)(module)
        report.status("success", "armed by the import of " + module.__name__, instrumentor=name)
    except Exception as error:
        reason = "%s: %s" % (type(error).__name__, error)
        report.status("partial", reason, instrumentor=name)
        report.say("%s is only partly observed (%s)" % (name, reason))
    finally:
        _lock.release()


def sdk(module):
    """Arms the instrumentor of OpenLIT's SDK for `module`."""
    from . import sdk as copy

    name = libraries.SDK[module.__name__]
    path = os.path.realpath(copy.folder())
    if not os.path.isfile(os.path.join(path, ".complete")):
        fix = "openlit-instrument setup python --python %s" % sys.executable
        report.status("no_sdk", "there is no copy of OpenLIT's SDK for this Python", instrumentor=name)
        report.say("of %s only the LLM calls are seen; for the rest type: %s" % (name, fix))
        return
    copy.serve(path)
    from . import core

    core.instrument(name)


def when_loaded(name, function):
    """Calls `function` with the module `name` now, or after its body has run, if that ever happens."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    if getattr(spec, "_initializing", False) and type(spec) is ModuleSpec and name not in _done:
        # Its body runs, and has imported what we are called for.
        spec.__class__ = watch.Spec
    elif module is not None:
        function(module)
        return
    before = watch.TRIGGERS.get(name, "")
    if before == "arm.run":
        before = run
    watch.TRIGGERS[name] = (lambda module: (before(module), function(module))) if before else function


def _wanted(name):
    settings = link.settings() or {}
    only, off = (_names(settings.get(key)) for key in ("only", "off"))
    name = name.replace("_", "-")
    return name not in off and (not only or name in only)


def _names(given):
    words = (str(word).strip().lower() for word in given or ())
    return {_ALIASES.get(word, word).replace("_", "-") for word in words}
