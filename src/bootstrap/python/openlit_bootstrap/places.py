"""Puts our look into a function of a client library so that the program sees as little of it as can be."""
import _signal
import os
import sys


def around(owner, name, before=None, after=None, failed=None):
    """Replaces a function of a class or a module by one that calls ours, too; nothing happens where there is none.

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
            result = real(self, *args, **kwargs) if kwargs else real(self, *args)
        except BaseException as error:
            if failed:
                guarded(failed, self, note, error, seen)
            # From 3.11 on, our frame is not in the traceback.
            error.__traceback__ = error.__traceback__.tb_next
            raise
        if after:
            guarded(after, self, note, result, seen)
        return result

    async def place_later(self, *args, **kwargs):
        seen = args + tuple(kwargs.values()) if kwargs else args
        note = guarded(before, self, seen) if before else None
        try:
            result = await real(self, *args, **kwargs)
        except BaseException as error:
            if failed:
                guarded(failed, self, note, error, seen)
            error.__traceback__ = error.__traceback__.tb_next
            raise
        if after:
            guarded(after, self, note, result, seen)
        return result

    code = getattr(real, "__code__", None)
    # 128: a coroutine function.
    setattr(owner, name, like(real, place_later if code is not None and code.co_flags & 128 else place))


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
        if _of_a_handler(error.__traceback__):
            raise
        if os.environ.get("OPENLIT_INSTRUMENT_DEBUG") == "1":
            sys.excepthook(type(error), error, error.__traceback__)


def _of_a_handler(trace):
    """Whether a frame of this traceback is a signal handler's."""
    codes = set()
    for number in range(1, _signal.NSIG):
        try:
            handler = _signal.getsignal(number)
        except ValueError:
            continue
        handler = getattr(handler, "__func__", handler)
        codes.add(getattr(handler if hasattr(handler, "__code__") else type(handler).__call__, "__code__", None))
    codes.discard(None)
    while codes and trace is not None:
        if trace.tb_frame.f_code in codes:
            return True
        trace = trace.tb_next
    return False


def like(real, new):
    """Gives `new` the name, the signature and the place in the source of `real`."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(new, name, getattr(real, name, None))
    for name in ("__annotations__", "__kwdefaults__"):
        if getattr(real, name, None):
            setattr(new, name, getattr(real, name))
    new.__wrapped__ = real
    code = getattr(real, "__code__", None)
    if code is not None:
        new.__code__ = new.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno, co_name=code.co_name)
    return new
