"""The import watcher: costs a dictionary look-up per import until an LLM library is imported, then arms for it.

Arming happens after the module body of the library has run, never inside `find_spec`: an instrumentor imports the library
itself, and there it would run its body a second time.
"""
import sys
from importlib.machinery import ModuleSpec

from . import libraries

# Set by `install`; the folder that holds sitecustomize.py and this package.
folder = None


def install(bootstrap_folder):
    """Puts the watcher in front of all finders."""
    global folder
    folder = bootstrap_folder
    import os

    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return
    sys.meta_path.insert(0, Watcher(libraries.wanted(os.environ)))


class Watcher:
    """A meta-path finder that finds nothing itself: it lets the others find and wraps the loader of what it waits for."""

    def __init__(self, triggers):
        self.triggers = triggers
        # Parents of dotted triggers need no watching: `google` may be anything.
        self.namespaces = ()
        self.done = set()
        self.off = False

    def find_spec(self, fullname, path=None, target=None):
        if fullname in self.triggers:
            trigger = fullname
        elif fullname == "openlit" or fullname.startswith("openlit."):
            trigger = None
            if _asked_by_us():
                return None
            if fullname != "openlit":
                path = _programs_own_path(path)
        else:
            for trigger in self.namespaces:
                if fullname.startswith(trigger):
                    trigger = trigger[:-1]
                    break
            else:
                return None
        if self.off or trigger in self.done:
            return None
        spec = self._find(fullname, path, target)
        if spec is None:
            return None
        if spec.loader is None or not spec.origin:
            # A namespace package has no body to wait for: the end of its outermost submodule's import is the moment.
            if trigger is not None and trigger + "." not in self.namespaces:
                self.namespaces += (trigger + ".",)
            return spec
        if hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, self, trigger)
        return spec

    def _find(self, fullname, path, target):
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None

    def loaded(self, trigger):
        """The body of `trigger` has run."""
        if self.off or trigger in self.done:
            return
        try:
            if trigger is None:
                self.off = True
                from . import arm

                arm.stand_down("the program uses openlit itself")
                return
            self.done.add(trigger)
            from . import arm

            for name in self.triggers[trigger]:
                arm.instrument(name, trigger)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: B902 - whatever it is, it must not reach the program's import
            _complain(error)

    # Asked by importlib.metadata; there is nothing of ours to list.
    def find_distributions(self, context=None):
        return ()

    def invalidate_caches(self):
        pass


class _Loader:
    """Stands before the real loader for one execution; the module never sees it."""

    def __init__(self, real, watcher, trigger):
        self._real = real
        self._watcher = watcher
        self._trigger = trigger

    def __getattr__(self, name):
        return getattr(self._real, name)

    def create_module(self, spec):
        return self._real.create_module(spec)

    def exec_module(self, module):
        spec = getattr(module, "__spec__", None)
        if isinstance(spec, ModuleSpec):
            spec.loader = self._real
        try:
            module.__loader__ = self._real
        except AttributeError:
            pass
        _depth[self._trigger] = _depth.get(self._trigger, 0) + 1
        try:
            self._real.exec_module(module)
        finally:
            _depth[self._trigger] -= 1
        if _depth[self._trigger] == 0:
            self._watcher.loaded(self._trigger)


# How many modules of a trigger are being executed. Two threads that import one namespace package at the same time arm at
# the later end of the two, which is what is wanted.
_depth = {}


def _asked_by_us():
    """Whether the import comes from our code or the SDK's copy, not from the program."""
    sdk = sys.modules.get("openlit_bootstrap.sdk")
    return sdk is not None and sdk.called_from_inside(3)


def _programs_own_path(path):
    """`import openlit.x` by the program while our copy stands under that name: hand over, then look in its package."""
    if "openlit_bootstrap.arm" in sys.modules:
        from . import arm

        arm.hand_over("the program uses openlit itself")
        import openlit

        return openlit.__path__
    return path


def _complain(error):
    try:
        from . import report

        report.failed("%s: %s" % (type(error).__name__, error))
    except BaseException:  # noqa: B902
        pass
