"""Puts our look into a function of a client library so that the program sees as little of it as can be."""
import os
import sys

_OURS = os.path.dirname(__file__) + os.sep


def around(owner, name, before=None, after=None, failed=None):
    """Replaces the method `name` of a class by one that calls ours, too; nothing happens where there is none.

    :param before: (self, args) -> note, before the call; `args` has keyword arguments, too, in the order of the call
    :param after: (self, note, result, args), after it
    :param failed: (self, note, error, args), when it raised
    """
    real = owner.__dict__.get(name)
    if not callable(real):
        return

    def place(self, *args, **kwargs):
        seen = args + tuple(kwargs.values()) if kwargs else args
        note = guarded(before, self, seen) if before else None
        try:
            result = real(self, *args, **kwargs)
        except BaseException as error:
            if failed:
                guarded(failed, self, note, error, seen)
            # From 3.11 on, our frame is not in the traceback.
            error.__traceback__ = error.__traceback__.tb_next
            raise
        if after:
            guarded(after, self, note, result, seen)
        return result

    setattr(owner, name, like(real, place))


def around_later(owner, name, after=None, failed=None):
    """`around` for a coroutine function: what becomes of it is looked at, `after` (self, result, args)."""
    real = owner.__dict__.get(name)
    if not callable(real):
        return

    async def place(self, *args, **kwargs):
        try:
            result = await real(self, *args, **kwargs)
        except BaseException as error:
            if failed:
                guarded(failed, self, None, error, args + tuple(kwargs.values()) if kwargs else args)
            error.__traceback__ = error.__traceback__.tb_next
            raise
        if after:
            guarded(after, self, result, args)
        return result

    setattr(owner, name, like(real, place))


_tapped = {}


def become(thing, looks):
    """Gives one object a subclass of its class, with our looks in some of its methods.

    :param looks: name of a method -> arguments of `around`
    """
    real = type(thing)
    tapped = _tapped.get(real)
    if tapped is None:
        tapped = type(real.__name__, (real,), {"__module__": real.__module__, "__qualname__": real.__qualname__})
        for name, look in looks.items():
            setattr(tapped, name, getattr(real, name))
            around(tapped, name, **look)
        _tapped[real] = tapped
    thing.__class__ = tapped


def guarded(function, *args):
    """Calls a function of ours. Its failure stays here; what a signal handler of the program raised meanwhile goes on."""
    try:
        return function(*args)
    except Exception as error:
        trace = error.__traceback__
        while trace.tb_next is not None:
            trace = trace.tb_next
        source = trace.tb_frame.f_code.co_filename
        if not source.startswith(_OURS) and (os.sep + "json" + os.sep) not in source:
            raise
        if os.environ.get("OPENLIT_INSTRUMENT_DEBUG") == "1":
            sys.excepthook(type(error), error, error.__traceback__)


def like(real, new):
    """Gives `new` the name, the signature and the place in the source of `real`."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(new, name, getattr(real, name, None))
    new.__wrapped__ = real
    code = getattr(real, "__code__", None)
    if code is not None:
        new.__code__ = new.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno, co_name=code.co_name)
    return new
