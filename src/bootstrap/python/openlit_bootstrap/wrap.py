"""Replaces a method by one that lets us look before and after, and does the same in all else."""
import functools
import inspect
import sys

from . import report


def method(owner, name, before=None, after=None):
    """Wraps `owner.name` in place. What goes wrong in our functions is noted and stays there.

    :param before: called with (self, args, kwargs)
    :param after: called with (result, args, kwargs, name of the module that called)
    """
    real = getattr(owner, name)

    def safely(function, *given):
        try:
            if function is not None:
                function(*given)
        except Exception as error:
            report.status("partial", "%s.%s: %s: %s" % (owner.__name__, name, type(error).__name__, error))

    if inspect.iscoroutinefunction(real):

        @functools.wraps(real)
        async def call(self, *args, **kwargs):
            # While a coroutine runs for the first time, its caller is below it.
            caller = sys._getframe(1).f_globals.get("__name__", "")
            safely(before, self, args, kwargs)
            result = await real(self, *args, **kwargs)
            safely(after, result, args, kwargs, caller)
            return result

    else:

        @functools.wraps(real)
        def call(self, *args, **kwargs):
            safely(before, self, args, kwargs)
            result = real(self, *args, **kwargs)
            safely(after, result, args, kwargs, sys._getframe(1).f_globals.get("__name__", ""))
            return result

    setattr(owner, name, call)
