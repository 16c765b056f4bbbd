"""Loads the modules of this package without leaving them in `sys.modules`, where programs that scan it would meet them.

Compiled code is kept in our own cache folder, when that is private: a program may run with PYTHONDONTWRITEBYTECODE and this
package may lie in a folder that cannot be written. Each file says which source it was made from.
"""
import builtins
import os
import sys
from _thread import RLock
from marshal import dumps, loads

FOLDER = os.path.dirname(__file__)
_MAGIC = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
_modules = {}
_lock = RLock()


class _Package:
    """What `from . import name` reads its names from."""

    def __getattr__(self, name):
        return load(name)


def begin(own):
    """The start of everything: the watcher goes in front of the program's imports."""
    _modules["loading"] = own
    load("watch").install()


def load(name):
    """The module `name` of this package; its body runs once."""
    module = _modules.get(name)
    if module is None:
        with _lock:
            module = _modules.get(name)
            if module is None:
                module = type(sys)("openlit_bootstrap." + name)
                source = os.path.join(FOLDER, name + ".py")
                module.__file__ = source
                module.__package__ = "openlit_bootstrap"
                module.__builtins__ = _builtins
                code = _code(source, name)
                _modules[name] = module
                try:
                    exec(code, module.__dict__)
                except BaseException:
                    del _modules[name]
                    raise
    return module


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 1:
        return load(name) if name else _package
    return builtins.__import__(name, globals, locals, fromlist, level)


def _code(source, name):
    facts = os.stat(source)
    stamp = b"%s %d %d %s\n" % (_MAGIC.hex().encode(), facts.st_size, facts.st_mtime_ns, os.fsencode(source))
    kept = _cache()
    kept = kept and os.path.join(kept, "%s.%s.code" % (name, sys.implementation.cache_tag))
    if kept:
        try:
            with open(kept, "rb") as handle:
                data = handle.read()
            if data.startswith(stamp):
                return loads(data[len(stamp) :])
        except (OSError, ValueError, EOFError, TypeError):
            pass
    with open(source, "rb") as handle:
        code = compile(handle.read(), source, "exec", dont_inherit=True)
    if kept:
        _keep(kept, stamp + dumps(code))
    return code


def _keep(file, data):
    temporary = "%s.%d" % (file, os.getpid())
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)
        os.replace(temporary, file)
    except OSError:
        pass


def _cache():
    """Our folder for compiled code; None unless it is ours alone, since what lies in it is run."""
    base = os.environ.get("OPENLIT_INSTRUMENT_CACHE_DIR")
    if not base:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        base = os.path.join(base, "openlit-instrument")
    if not os.path.isabs(base):
        return None
    folder = os.path.join(base, "python-code")
    try:
        try:
            facts = os.lstat(folder)
        except FileNotFoundError:
            os.makedirs(folder, 0o700, exist_ok=True)
            facts = os.lstat(folder)
    except OSError:
        return None
    private = facts.st_uid == os.geteuid() and facts.st_mode & 0o170022 == 0o040000
    return folder if private else None


_package = _Package()
_builtins = dict(vars(builtins), __import__=_import)
