"""OpenLIT's SDK, one instrumentor at a time, for libraries that have no hook of their own that would do.

Its package's `__init__` is not run: that imports requests and pydantic (0.2 s), and `openlit.init()` every LLM library of
the program (1.8 s). Its modules stand in a table of our own: what the program finds under the name `openlit` is its own.
"""
import builtins
import importlib
import importlib.metadata
import logging
import sys
import threading
import types
from importlib.machinery import PathFinder

from . import arm, otel, report, sdk, spans
from .harmless import harmless

_modules = {}
_lock = threading.RLock()
_depth, _programs = 0, {}


def instrument(name):
    """Runs one instrumentor against our tracer.

    :param name: as in the SDK's `_instrumentors.py`
    """
    if not _modules:
        _start()
    where, class_name = _import("openlit._instrumentors").INSTRUMENTOR_MAP[name].rsplit(".", 1)
    module = _import(where)
    _make_private(where, name)
    # The check asks for umbrella packages (llama-index) where the slim ones do as well.
    settings = {"skip_dep_check": True, "capture_message_content": spans.content(), "pricing_info": {}}
    settings.update(environment="", application_name="", disable_metrics=True, disable_events=True)
    getattr(module, class_name)().instrument(capture_db_parameters=False, **settings)
    _make_private(where, name)


def _start():
    package = types.ModuleType("openlit")
    package.__path__ = [sdk.root + "openlit"]
    _modules["openlit"] = package
    # Where nobody reports tokens the SDK would count words: unknown stays absent.
    _import("openlit.__helpers").general_tokens = lambda text: 0
    config = _import("openlit._config").OpenlitConfig
    config()
    config.capture_message_content, config.disable_metrics, config.disable_events = spans.content(), True, True
    # What the SDK logs is not the program's to hear.
    logger = logging.getLogger("openlit")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False


def _import(name):
    with _Visible():
        return importlib.import_module(name)


class _Visible:
    """While the SDK imports: its modules are in `sys.modules`, and the program's own of that name are put aside."""

    def __enter__(self):
        global _depth, _programs
        _lock.acquire()
        _depth += 1
        if _depth == 1:
            _programs = _take()
            sys.modules.update(_modules)
            sys.meta_path.insert(0, _Finder)

    def __exit__(self, *error):
        global _depth
        _depth -= 1
        if _depth == 0:
            sys.meta_path.remove(_Finder)
            _modules.update(_take())
            sys.modules.update(_programs)
        _lock.release()


def _take():
    names = [name for name in sys.modules if name == "openlit" or name.startswith("openlit.")]
    return {name: sys.modules.pop(name) for name in names}


class _Finder:
    """Finds and loads the SDK's modules, whose imports (those in functions too) go through `_sdk_import`."""

    def __init__(self, real):
        self._real = real

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        spec = PathFinder.find_spec(fullname, path) if fullname.startswith("openlit.") else None
        if spec is not None and spec.loader is not None:
            spec.loader = cls(spec.loader)
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._real
        module.__dict__["__builtins__"] = dict(vars(builtins), __import__=_sdk_import)
        self._real.exec_module(module)


def _sdk_import(name, globals=None, locals=None, fromlist=(), level=0):
    if level or name.partition(".")[0] == "openlit":
        with _Visible():
            return builtins.__import__(name, globals, locals, fromlist, level)
    # Only for fetching prices, which we do not do: the copy needs neither requests nor what requests needs.
    return _REQUESTS if name == "requests" else builtins.__import__(name, globals, locals, fromlist, level)


_REQUESTS = types.ModuleType("requests")
_REQUESTS.HTTPError = type("HTTPError", (Exception,), {})


def _make_private(path, scope):
    """In the instrumentor's modules some names mean ours; everybody else's stay as they are."""
    from opentelemetry import _logs, trace
    from wrapt import wrap_function_wrapper

    # Its spans of model calls are reported: those of in-process models are the calls themselves.
    tracer, quiet = otel.Tracer(scope, calls=True), _logs.NoOpLoggerProvider()
    ours = {
        "trace": (trace, otel.private(trace, tracer)),
        "_logs": (_logs, otel.Module(_logs, get_logger_provider=lambda: quiet)),
        "importlib": (importlib, otel.Module(importlib, metadata=otel.Module(importlib.metadata, version=_version))),
        "wrap_function_wrapper": (wrap_function_wrapper, _wrap_when_loaded(wrap_function_wrapper)),
    }
    for name, module in list(_modules.items()):
        if name == path or name.startswith(path + "."):
            for attribute, (real, replaced) in ours.items():
                if vars(module).get(attribute) is real:
                    setattr(module, attribute, replaced)


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _wrap_when_loaded(wrap):
    """wrapt would import the module that it wraps something in: agents of a program that uses none."""

    def wrap_function_wrapper(target, name, wrapper):
        def safely(module):
            try:
                wrap(module, name, harmless(wrapper))
            except AttributeError:
                # Another version of the library: the rest is seen.
                pass
            except Exception as error:
                report.status("partial", "%s of %s: %s" % (name, target, error))

        arm.when_loaded(target, safely) if isinstance(target, str) else safely(target)

    return wrap_function_wrapper
