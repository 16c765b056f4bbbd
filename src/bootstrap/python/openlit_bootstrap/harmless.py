"""OpenLIT's instrumentors around the program's calls: where one of them fails, the call goes on as if it were not there."""
import functools
import inspect


def harmless(wrapper):
    """:param wrapper: as wrapt calls it: (wrapped, instance, args, kwargs)"""

    def call(wrapped, instance, args, kwargs):
        made = {}

        @functools.wraps(wrapped)
        def noted(*given, **named):
            made["called"] = True
            result = wrapped(*given, **named)
            if inspect.iscoroutine(result):
                return awaited(result)
            made["result"] = result
            return result

        async def awaited(coroutine):
            made["result"] = await coroutine
            return made["result"]

        async def later(coroutine):
            try:
                return await coroutine
            except Exception:
                result = instead()
                return await result if inspect.isawaitable(result) and "called" not in made else result

        def instead():
            if "called" not in made:
                return wrapped(*args, **kwargs)
            if "result" not in made:
                # The program's own error.
                raise
            return made["result"]

        try:
            result = wrapper(noted, instance, args, kwargs)
        except Exception:
            return instead()
        return later(result) if inspect.iscoroutine(result) else result

    return call
