"""Gives the program the library's own stream object where the SDK would give it one of its wrappers.

The SDK's wrapper is no `openai.Stream`, ends its span only when the stream is read to its end, and changes how an event
loop closes a stream that was left (asyncio then prints errors). Its work is not needed: the exchange below the library
knows when the stream ends and everything that it said. Where message content is asked for, the wrapper stays, because the
SDK collects the messages in it.
"""
import inspect

from . import exchange


def wrap_with(real):
    """`wrapt.wrap_function_wrapper` for the SDK's instrumentors.

    :param real: wrapt's own function
    """

    def wrap_function_wrapper(target, name, wrapper):
        def transparent(wrapped, instance, args, kwargs):
            result = wrapper(wrapped, instance, args, kwargs)
            if inspect.iscoroutine(result):
                return _later(result)
            return _own(result)

        return real(target, name, transparent)

    return wrap_function_wrapper


async def _later(result):
    return _own(await result)


def _own(result):
    """The library's object, if `result` is a stream wrapper of the SDK whose exchange we can see."""
    kind = type(result)
    if not kind.__name__.startswith("Traced") or not kind.__module__.startswith("openlit."):
        return result
    facts = vars(result)
    call = exchange.current.get()
    if call is None or call.exchange is None or call.span() is not facts.get("_span") or "__wrapped__" not in facts:
        return result
    call.ends_with_exchange()
    return facts["__wrapped__"]
