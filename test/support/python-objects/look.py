"""Writes down all that a program can find out about an object, a function, an error or a warning: one JSON line a fact."""

import asyncio
import atexit
import builtins
import copy
import functools
import gc
import inspect
import io
import json
import logging
import os
import pickle
import re
import signal
import sys
import threading
import traceback
import types
import warnings

# What differs from run to run by itself: addresses, ports, times, random names.
MASKS = [
    (re.compile(r"\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"x[0-9a-fA-F]{6,}"), "x"),
    (re.compile(r"\b[57][0-9a-f]{11}\b"), "ADDRESS"),
    (re.compile(r"(127\.0\.0\.1|localhost)(:|', (?:port=)?)\d+"), r"\1\2PORT"),
    (re.compile(r"(fd|port|pid|raddr|laddr|when)=[\d.]+"), r"\1=N"),
    (re.compile(r"\b\d+\.\d{3,}\b"), "TIME"),
    (re.compile(r"datetime\.\w+\([^)]*\)"), "datetime"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8}"), "DATE"),
    (re.compile(r"'[A-Za-z0-9+/]{22,27}=+'"), "KEY"),
    (re.compile(r"(Task-|Thread-|daemon )\d+"), r"\1N"),
]
PROTOCOLS = "iter next aiter anext enter exit aenter aexit len getitem contains call await del reduce getstate hash bool".split()
PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray, type, types.ModuleType, type(Ellipsis))
CALLABLE = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial)
# Objects of one case that are looked into; what a client holds is a tree with many equal leaves.
MOST = 60


def masked(text, most=3000):
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text[:most]


def say(case, fact, value):
    print(json.dumps([case, fact, value], default=str), flush=True)


def named(kind):
    return "%s.%s" % (kind.__module__, kind.__qualname__)


def attempt(function, *args):
    try:
        return function(*args)
    except RecursionError:
        return "RecursionError"
    except Exception as error:
        return "%s: %s" % (type(error).__name__, masked(str(error)))


class Globals(pickle.Unpickler):
    """Notes which names a pickle asks for."""

    def __init__(self, data):
        super().__init__(io.BytesIO(data))
        self.names = []

    def find_class(self, module, name):
        self.names.append("%s.%s" % (module, name))
        return super().find_class(module, name)


def pickled(thing):
    reader = Globals(pickle.dumps(thing))
    again = reader.load()
    return sorted(set(reader.names)), masked(repr(again)), sorted(getattr(again, "__dict__", {}))


def copied(make, thing):
    again = make(thing)
    return named(type(again)), type(again) is type(thing), sorted(getattr(again, "__dict__", {}))


def held(thing):
    """Attributes by name, those of slots, too."""
    found = dict(getattr(thing, "__dict__", {}))
    for kind in type(thing).__mro__:
        names = kind.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            try:
                found[name] = object.__getattribute__(thing, name)
            except AttributeError:
                pass
    return {name: value for name, value in found.items() if name not in ("__dict__", "__weakref__")}


def look(case, thing, depth=3):
    """The object, and what it holds, `depth` steps deep."""
    seen = set()
    queue = [(case, thing, depth)]
    while queue and len(seen) < MOST:
        name, each, left = queue.pop(0)
        if isinstance(each, PLAIN) or id(each) in seen:
            continue
        seen.add(id(each))
        inside = held(each)
        kind = type(each)
        say(name, "type", [named(kind), kind is each.__class__, kind.__name__])
        say(name, "mro", [named(base) for base in kind.__mro__])
        say(name, "attributes", {key: named(type(value)) for key, value in sorted(inside.items())})
        say(name, "dir", attempt(lambda one: sorted(dir(one)), each))
        say(name, "protocols", [word for word in PROTOCOLS if hasattr(kind, "__%s__" % word)])
        say(name, "repr", attempt(lambda one: masked(repr(one)), each))
        if isinstance(each, CALLABLE):
            say(name, "signature", attempt(lambda one: masked(str(inspect.signature(one))), each))
            continue
        say(name, "pickle", attempt(pickled, each))
        say(name, "copy", attempt(copied, copy.copy, each))
        if left == depth:
            say(name, "deepcopy", attempt(copied, copy.deepcopy, each))
        if left > 0:
            queue += [("%s.%s" % (name, key), value, left - 1) for key, value in sorted(inside.items())]


def failed(case, error):
    """The whole chain of an error: what it is, and each frame as a traceback shows it."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    say(case, "traceback", masked("".join(traceback.format_exception(type(error), error, error.__traceback__)), 1 << 20).split("\n"))
    number = 0
    while error is not None:
        name = "%s %d" % (case, number)
        say(name, "frames", [[at.filename, at.lineno, at.name] for at in traceback.extract_tb(error.__traceback__)])
        say(name, "locals", [[at.name, sorted(at.locals or ())] for at in (whole.stack if whole else ())])
        say(name, "args", [masked(repr(one)) for one in error.args])
        say(name, "suppressed", [error.__suppress_context__, getattr(error, "__notes__", None)])
        look(name, error, depth=1)
        following = error.__cause__ or error.__context__
        whole = whole and (whole.__cause__ or whole.__context__)
        error, number = following, number + 1


def function(case, real):
    """What a function says of itself."""
    say(case, "function", [type(real).__name__, getattr(real, "__module__", None), real.__qualname__, real.__name__])
    say(case, "doc", getattr(real, "__doc__", None))
    say(case, "signature", attempt(lambda one: masked(str(inspect.signature(one))), real))
    say(case, "defaults", masked(repr((getattr(real, "__defaults__", None), getattr(real, "__kwdefaults__", None)))))
    say(case, "annotations", sorted(getattr(real, "__annotations__", None) or ()))
    kinds = inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction, inspect.isfunction
    say(case, "kinds", [is_kind(real) for is_kind in kinds])
    say(case, "source", attempt(lambda one: [inspect.getsourcefile(one), inspect.getsourcelines(one)[1]], real))
    code = getattr(real, "__code__", None)
    say(case, "code", code and [code.co_filename, code.co_firstlineno, code.co_name])


def functions(prefixes):
    """Those of every class and module that is loaded and belongs to these packages."""
    for name, module in sorted(sys.modules.items()):
        if not isinstance(module, types.ModuleType) or not name.startswith(prefixes):
            continue
        if name not in prefixes and not name.startswith(tuple(prefix + "." for prefix in prefixes)):
            continue
        say(name, "module", sorted(vars(module)))
        spec = module.__spec__
        say(name, "spec", [type(module).__name__, type(spec.loader).__name__, masked(repr(spec)), getattr(module, "__file__", None)])
        for key, value in sorted(vars(module).items()):
            if getattr(value, "__module__", None) != name:
                continue
            if isinstance(value, type):
                say("%s.%s" % (name, key), "class", [named(value), sorted(vars(value)), [named(base) for base in value.__mro__]])
                for method, real in sorted(vars(value).items()):
                    if isinstance(real, types.FunctionType):
                        function("%s.%s.%s" % (name, key, method), real)
            elif isinstance(value, types.FunctionType):
                function("%s.%s" % (name, key), value)


def process():
    """What is around: modules, hooks, threads, handlers."""
    say("process", "modules", sorted(sys.modules))
    say("process", "path", sys.path)
    for name in ("meta_path", "path_hooks"):
        say("process", name, [masked(repr(each)) for each in getattr(sys, name)])
    for name in ("excepthook", "displayhook", "gettrace", "getprofile", "get_asyncgen_hooks"):
        say("process", name, masked(repr(getattr(sys, name))))
    say("process", "threads", sorted(type(each).__name__ for each in threading.enumerate()))
    say("process", "signals", [masked(repr(signal.getsignal(number))) for number in sorted(signal.valid_signals())])
    say("process", "exits", [atexit._ncallbacks(), len(gc.callbacks), len(sys.flags), sys.flags.dev_mode])
    say("process", "filters", masked(repr(warnings.filters)))
    say("process", "loggers", sorted(logging.root.manager.loggerDict))
    say("process", "import", [builtins.__import__.__name__, type(builtins.__import__).__name__, sys.getrecursionlimit()])
    say("process", "policy", named(type(asyncio.get_event_loop_policy())))
    say("process", "variables", [name for name in sorted(os.environ) if not name.startswith(("OPENLIT_", "OTEL_", "PYTHON"))])


def warned(case, seen):
    say(case, "warnings", [[type(one.message).__name__, masked(str(one.message)), one.filename, one.lineno] for one in seen])
