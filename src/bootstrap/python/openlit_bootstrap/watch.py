"""The import watcher: costs a dictionary look-up per import until a library with a place for a tap is imported.

A place is taken after the body of its module has run. The moment is told by the module's own spec: the machinery sets its
`_initializing` to False then. So no loader of ours is seen by anybody, and no frame of ours is in an import's traceback.
"""
import os
import sys

from . import libraries, loading

# `importlib.machinery` would import much that an empty program has not.
ModuleSpec = type(sys.__spec__)

# Module name -> what to do after its body ran: a callable that gets the module, or "module of ours.function".
TRIGGERS = {
    "http.client": "tap_http_client.client",
    "aiohttp.http_writer": "tap_aiohttp.writer",
    "aiohttp.client_proto": "tap_aiohttp.protocol",
    "aiohttp.connector": "tap_aiohttp.connector",
    "aiohttp._websocket.writer": "tap_aiohttp.websocket",
    "aiohttp.http_websocket": "tap_aiohttp.websocket",
    "websockets.protocol": "tap_websocket.protocol",
    "websockets.client": "tap_websocket.client",
    "websockets.legacy.client": "tap_websocket.legacy_client",
    "websockets.legacy.protocol": "tap_websocket.legacy_protocol",
    "websocket._core": "tap_websocket.core",
    "opentelemetry.instrumentation.auto_instrumentation": "launchers.opentelemetry",
}
for _name in ("httpcore", "httpcore2"):
    for _kind in ("_sync", "_async"):
        TRIGGERS["%s.%s.http11" % (_name, _kind)] = "tap_httpcore.http11"
        TRIGGERS["%s.%s.http2" % (_name, _kind)] = "tap_httpcore.http2"
for _name in ("httpx", "httpx2"):
    TRIGGERS[_name + "._client"] = "tap_httpx.client"
TRIGGERS.update(dict.fromkeys(libraries.ROWS, "arm.run"))


def install():
    """Puts the watcher in front of all finders, and takes the places in what is imported already."""
    environ = os.environ
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or not environ.get("OPENLIT_INSTRUMENT_TAP"):
        return
    sys.meta_path.insert(0, Watcher())
    from . import endings

    endings.install()
    for name in [name for name in TRIGGERS if name in sys.modules]:
        loaded(name)


def loaded(name):
    """The body of the module `name` has run."""
    module = sys.modules.get(name)
    if module is None:
        return
    try:
        action = TRIGGERS[name]
        if isinstance(action, str):
            owner, _, function = action.partition(".")
            action = getattr(loading.load(owner), function)
        action(module)
    except Exception as error:
        from . import report

        report.failed("%s: %s" % (type(error).__name__, error))


class Watcher:
    """A meta-path finder that finds nothing itself: it lets the others find and waits for the end of the import."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in TRIGGERS:
            return None
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if type(spec) is ModuleSpec:
                    spec.__class__ = Spec
                return spec
        return None

    # Asked by importlib.metadata; there is nothing of ours to list.
    def find_distributions(self, context=None):
        return ()

    def invalidate_caches(self):
        pass


class Spec(ModuleSpec):
    """A spec while its module is imported; an ordinary one again before anybody else has it."""

    @property
    def _initializing(self):
        return self.__dict__.get("_initializing", False)

    @_initializing.setter
    def _initializing(self, value):
        if value:
            self.__dict__["_initializing"] = True
            return
        self.__class__ = ModuleSpec
        module = sys.modules.get(self.name)
        try:
            if getattr(module, "__spec__", None) is self:
                loaded(self.name)
        finally:
            self._initializing = False
