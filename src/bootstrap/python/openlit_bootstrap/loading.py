"""Loads the modules of this package without leaving them in `sys.modules`, where programs that scan it would meet them.

Compiled code comes from our own cache folder (keeping.py): a program may run with PYTHONDONTWRITEBYTECODE, and this package
may lie in a folder that cannot be written. This file is compiled at every start and stays short.

No module of ours has a `__file__`, and its code names no file that exists: coverage.py reports every file that it sees run.
"""
import builtins
import os
import sys
from _thread import allocate_lock, get_ident
from marshal import loads

# Set by sitecustomize.py, in each module of ours.
FOLDER = globals()["FOLDER"]
_MAGIC = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER.hex()
modules = {}
# Not an RLock: eventlet warns of those that it finds. The thread that loads, and what it has begun.
_lock = allocate_lock()
_owner = 0
_begun = {}


class _Package:
    # What `from . import name` reads its names from.
    def __getattr__(self, name):
        return load(name)


def begin(own):
    """The start of everything: the watcher goes in front of the program's imports."""
    modules["loading"] = own
    load("watch").install()


def load(name):
    """The module `name` of this package; its body runs once."""
    global _owner
    module = modules.get(name)
    if module is not None:
        return module
    if _owner == get_ident():
        return _begun.get(name) or _run(name)
    with _lock:
        _owner = get_ident()
        try:
            return modules.get(name) or _run(name)
        finally:
            _owner = 0


def forked():
    """In a child: a thread that was loading is not there any more."""
    global _lock, _owner
    if _owner:
        _lock, _owner = allocate_lock(), 0
        _begun.clear()


def _run(name):
    module = type(sys)("openlit_bootstrap." + name)
    module.FOLDER = FOLDER
    module.__package__ = "openlit_bootstrap"
    module.__builtins__ = _builtins
    code = _code(os.path.join(FOLDER, name + ".py"), name)
    _begun[name] = module
    try:
        exec(code, module.__dict__)
        modules[name] = module
    finally:
        del _begun[name]
    return module


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 1:
        return load(name) if name else _package
    return builtins.__import__(name, globals, locals, fromlist, level)


def _code(source, name):
    facts, shown = os.stat(source), "<openlit_bootstrap/%s.py>" % name
    stamp = os.fsencode("%s %d %d %s %s\n" % (_MAGIC, facts.st_size, facts.st_mtime_ns, source, shown))
    kept = "%s/%s.%s.code" % (CACHE, name, sys.implementation.cache_tag)
    if _private():
        try:
            with open(kept, "rb") as handle:
                data = handle.read()
            if data.startswith(stamp):
                return loads(data[len(stamp) :])
        except (OSError, ValueError, EOFError, TypeError):
            pass
    with open(source, "rb") as handle:
        code = compile(handle.read(), shown, "exec", 0, True)
    if name != "keeping":
        load("keeping").keep(CACHE, kept, stamp, code)
    return code


def _private():
    # Ours alone: what lies there is run.
    try:
        facts = os.lstat(CACHE)
    except OSError:
        return False
    return facts.st_uid == os.geteuid() and facts.st_mode & 0o170022 == 0o040000


CACHE = os.environ.get("OPENLIT_INSTRUMENT_CACHE_DIR")
if not CACHE:
    CACHE = (os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) + "/openlit-instrument"
CACHE += "/python-code"
_package = _Package()
_builtins = dict(vars(builtins), __import__=_import)
