"""The SDK itself, without its package's `__init__`: that imports requests, pydantic, evaluations and guards, which calls
do not need (0.2 s), and plain `openlit.init()` would import every LLM library of the program (1.8 s).
"""
import builtins
import importlib
import importlib.util
import importlib.metadata
import logging
import os
import sys
import types

from . import endings, exchange, export, mend, providers, sdk, settings, transparent, version

_silent = False
_sender = None


def start(path):
    """Makes the SDK's core importable, our sender and our tracer provider.

    :param path: folder of the copy
    :returns: the private TracerProvider
    """
    global _sender
    sys.modules["openlit"] = _package(os.path.join(path, "openlit"))
    helpers = _load_helpers()
    # Where a provider reports no usage the SDK would count words: unknown stays unknown.
    helpers.general_tokens = lambda text: mend.Unknown(0)
    _mend_framework_flag(helpers)
    config = importlib.import_module("openlit._config").OpenlitConfig
    config()
    config.update_config(
        os.environ.get("OTEL_DEPLOYMENT_ENVIRONMENT", "default"),
        os.environ.get("OTEL_SERVICE_NAME", "default"),
        None,
        None,
        False,
        settings.capture() != "off",
        None,
        True,
        {},
        disable_events=True,
        custom_span_attributes=_json_variable("OPENLIT_CUSTOM_SPAN_ATTRIBUTES"),
    )
    own = version.own()
    resource = settings.resource(_sdk_version(), own)
    _sender = export.Sender(resource, own)
    endings.watch(_sender)
    _capture_logs()
    return providers.tracer_provider(_sender, resource)


def instrument(name, provider):
    """Runs one instrumentor of the SDK against our tracer.

    :returns: list of what went wrong, as texts
    """
    table = importlib.import_module("openlit._instrumentors")
    path, class_name = table.INSTRUMENTOR_MAP[name].rsplit(".", 1)
    module = importlib.import_module(path)
    _make_private(path, provider)
    config = importlib.import_module("openlit._config").OpenlitConfig
    problems = _Problems()
    logger = logging.getLogger("opentelemetry.instrumentation.instrumentor")
    logger.addFilter(problems)
    try:
        getattr(module, class_name)().instrument(
            environment=config.environment,
            application_name=config.application_name,
            pricing_info={},
            capture_message_content=config.capture_message_content,
            disable_metrics=True,
            disable_events=True,
            capture_db_parameters=False,
        )
    except Exception as error:
        problems.found.append("%s: %s" % (type(error).__name__, error))
    finally:
        logger.removeFilter(problems)
    _make_private(path, provider)
    return problems.found


def silence():
    """Nothing leaves this process through us any more. The wrappers stay, and their tracer does nothing."""
    global _silent
    _silent = True
    exchange.alone = None
    if _sender is not None:
        _sender.flush()
        _sender.sweep = None


def _make_private(path, provider):
    """In the instrumentor's modules the names `trace` and `_logs` mean ours; everybody else's stay."""
    from opentelemetry import _logs, trace
    from wrapt import wrap_function_wrapper as wrapt_function

    private_trace = _Private(trace, {"get_tracer": _tracer_getter(provider), "get_tracer_provider": lambda: provider})
    quiet = _logs.NoOpLoggerProvider()
    private_logs = _Private(_logs, {"get_logger_provider": lambda: quiet})
    for name, module in list(sys.modules.items()):
        if name == path or name.startswith(path + "."):
            if getattr(module, "trace", None) is trace:
                module.trace = private_trace
            if getattr(module, "_logs", None) is _logs:
                module._logs = private_logs
            if settings.capture() == "off" and getattr(module, "wrap_function_wrapper", None) is wrapt_function:
                module.wrap_function_wrapper = transparent.wrap_with(wrapt_function)


def _tracer_getter(provider):
    from opentelemetry.trace import NoOpTracer

    class Silenceable:
        """A tracer that can be switched off: after a hand-over the program's own openlit makes the spans."""

        def __init__(self, real):
            self._real = real

        def __getattr__(self, name):
            return getattr(_NOTHING if _silent else self._real, name)

    _NOTHING = NoOpTracer()

    def get_tracer(*args, **kwargs):
        return Silenceable(provider.get_tracer(*args, **kwargs))

    return get_tracer


class _Private:
    """A module seen through replaced names."""

    def __init__(self, module, names):
        self.__dict__.update(names)
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, name)


def _package(folder):
    """An `openlit` whose submodules can be imported and whose `__init__` has not run."""
    package = types.ModuleType("openlit")
    package.__path__ = [folder]
    package.__file__ = os.path.join(folder, "__init__.py")

    def __getattr__(name):
        # Only the program asks this package for attributes: it uses openlit itself, after an LLM library. It gets its own.
        if name.startswith("__"):
            raise AttributeError(name)
        from . import arm

        arm.hand_over("the program uses openlit itself")
        return getattr(importlib.import_module("openlit"), name)

    package.__getattr__ = __getattr__
    return package


def _load_helpers():
    """`openlit.__helpers` imports requests for one function that we never call; it gets an empty module for that name,
    seen by nobody else, so that the copy needs neither requests nor what requests needs.
    """
    stub = types.ModuleType("requests")
    stub.HTTPError = type("HTTPError", (Exception,), {})
    real = builtins.__import__

    def imports(name, globals=None, locals=None, fromlist=(), level=0):
        if name == "requests" and level == 0:
            return stub
        return real(name, globals, locals, fromlist, level)

    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("openlit.__helpers", sys.modules["openlit"].__path__)
    module = importlib.util.module_from_spec(spec)
    module.__dict__["__builtins__"] = dict(vars(builtins), __import__=imports)
    sys.modules["openlit.__helpers"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules["openlit.__helpers"]
        raise
    return module


def _mend_framework_flag(helpers):
    """A framework's call silences the client library below it by a flag. In asyncio the flag is taken back in another
    context than the one it was set in: that raises, the framework's span never ends, and the flag stays for good.
    """
    take_back, is_set = helpers.reset_framework_llm_active, helpers.is_framework_llm_active

    def reset_framework_llm_active(token):
        try:
            take_back(token)
        except ValueError:
            pass

    def is_framework_llm_active():
        call = exchange.current.get()
        return is_set() and call is not None and call.open()

    helpers.reset_framework_llm_active = reset_framework_llm_active
    helpers.is_framework_llm_active = is_framework_llm_active


def _capture_logs():
    """What the SDK logs, or makes OpenTelemetry log, is ours to hear and not the program's."""
    logger = logging.getLogger("openlit")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    for name in ("opentelemetry.context", "opentelemetry.attributes", "opentelemetry.sdk.trace"):
        logging.getLogger(name).addFilter(_not_from_us)


def _not_from_us(record):
    """A logging filter; the program's own use of OpenTelemetry logs as always."""
    frame = sys._getframe(1)
    for _ in range(12):
        if frame is None:
            return True
        if frame.f_code.co_filename.startswith(sdk.root + "openlit"):
            return False
        frame = frame.f_back
    return True


class _Problems(logging.Filter):
    """Collects and swallows what is logged while an instrumentor starts."""

    def __init__(self):
        super().__init__()
        self.found = []

    def filter(self, record):
        self.found.append(record.getMessage())
        return False


def _sdk_version():
    try:
        return importlib.metadata.version("openlit")
    except Exception:
        return None


def _json_variable(name):
    import json

    try:
        value = json.loads(os.environ.get(name, ""))
        return value if isinstance(value, dict) else None
    except ValueError:
        return None
