"""Puts our look into a function of a client library so that the program sees as little of it as can be."""
import os
import sys

_OURS = "<openlit_bootstrap/"
_set_traceback = BaseException.__dict__["__traceback__"].__set__


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
            unframed(error)
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
            unframed(error)
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
    """Calls a function of ours. Its failure stays here; what the program raised into it from outside goes on."""
    try:
        return function(*args)
    except Exception as error:
        if _from_outside(error):
            raise
        if os.environ.get("OPENLIT_INSTRUMENT_DEBUG") == "1":
            sys.excepthook(type(error), error, error.__traceback__)


def _from_outside(error):
    """Whether a signal handler raised this, or another thread put it into ours.

    A handler, whatever it is wrapped in and whatever is installed by now, is given the frame that it interrupts.
    """
    trace = error.__traceback__
    while trace is not None:
        frame, last = trace.tb_frame, trace
        for value in frame.f_locals.values():
            given = value if type(value) is tuple else (value,)
            if frame.f_back is not None and any(each is frame.f_back for each in given):
                return True
        trace = trace.tb_next
    # What our own lines raise are Python's own errors.
    return last.tb_frame.f_code.co_filename.startswith(_OURS) and type(error).__module__ not in ("builtins", "struct")


def unframed(error):
    """Takes our frame, the first one, out of a traceback (from Python 3.11 on). Some errors let nobody set an attribute."""
    _set_traceback(error, error.__traceback__.tb_next)


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
