"""What a program can find out about its libraries and what they give it; bare and observed must print the same."""
import asyncio
import gc
import inspect
import pickle
import random
import sys
import threading
import traceback
import warnings

STARTED = sorted(sys.modules)
random.seed(1)
STATE = random.getstate()

import http.client  # noqa: E402

import aiohttp  # noqa: E402
import httpcore  # noqa: E402
import httpx  # noqa: E402
import httpx2  # noqa: E402
import requests  # noqa: E402
import websocket  # noqa: E402
import websockets.client  # noqa: E402

HTTP = sys.argv[1]
CHAT = HTTP + "/v1/chat/completions"
SLOW = HTTP + "/slow/chat/completions"
REFUSED = "http://127.0.0.1:1/v1/chat/completions"
BODY = {"model": "m", "messages": []}


def functions():
    for function in (
        http.client.HTTPConnection.send,
        http.client.HTTPConnection.close,
        http.client.HTTPResponse.__init__,
        httpcore.HTTP11Connection.__init__,
        httpcore.AsyncHTTP11Connection.aclose,
        httpx.Client.send,
        httpx.Cookies.extract_cookies,
        aiohttp.BaseConnector.connect,
        websocket.WebSocket.connect,
        websockets.client.ClientProtocol.send_request,
    ):
        names = function.__module__, function.__qualname__, function.__name__, function.__doc__
        print(names, list(inspect.signature(function).parameters), type(function).__name__)
        print(inspect.getsourcefile(function), inspect.getsource(function)[:40], inspect.iscoroutinefunction(function))


def shape(thing):
    kind = type(thing)
    names = sorted(getattr(thing, "__dict__", {}))
    return kind.__module__, kind.__qualname__, [base.__qualname__ for base in kind.__mro__], names


def given():
    answer = requests.post(CHAT, json=BODY)
    print(shape(answer), shape(answer.raw), shape(answer.connection))
    print(pickle.loads(pickle.dumps(answer)).text)
    connection = http.client.HTTPConnection(HTTP[7:])
    connection.request("POST", "/v1/chat/completions", b'{"messages":[]}')
    answer = connection.getresponse()
    print(shape(answer), shape(answer.fp), [type(answer.fp.raw).__module__, type(answer.fp.raw).__qualname__], answer.read())
    for x in (httpx, httpx2):
        with x.Client() as client:
            answer = client.post(CHAT, json=BODY)
            print(shape(answer), shape(answer.request), shape(answer.stream), sorted(answer.extensions))
            print(pickle.loads(pickle.dumps(answer)).text, sorted(answer.request.extensions))

    async def later():
        async with aiohttp.ClientSession() as session:
            async with session.post(CHAT, json=BODY) as answer:
                print(shape(answer), shape(answer.content), await answer.text())

    asyncio.run(later())


def errors():
    for x in (httpx, httpx2):
        failing(lambda: x.post(REFUSED, json=BODY))
        failing(lambda: x.post(SLOW, json=BODY, timeout=0.1))
        failing(lambda: asyncio.run(httpx_later(x, SLOW)))
        failing(lambda: asyncio.run(httpx_later(x, REFUSED)))
    failing(lambda: requests.post(REFUSED, json=BODY))
    failing(lambda: requests.post(SLOW, json=BODY, timeout=0.1))
    failing(lambda: asyncio.run(aiohttp_later(SLOW)))
    failing(lambda: asyncio.run(aiohttp_later(REFUSED)))


async def httpx_later(x, url):
    async with x.AsyncClient(timeout=0.1) as client:
        await client.post(url, json=BODY)


async def aiohttp_later(url):
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.1)) as session:
        async with session.post(url, json=BODY) as answer:
            await answer.read()


def failing(call):
    """Prints the whole chain of an error, frame by frame."""
    try:
        call()
    except BaseException as error:
        while error is not None:
            print(type(error).__name__, [(at.name, at.filename, at.lineno) for at in traceback.extract_tb(error.__traceback__)])
            error = error.__cause__ or error.__context__


def lost():
    pass


def around():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        import websockets.legacy.client  # noqa: F401

        gc.collect()
    print([(str(one.message)[:40], one.filename) for one in seen])

    # Like a ufunc of numpy: pickle asks every loaded module for the name.
    lost.__module__ = None
    print(len(pickle.dumps(lost)))
    print(random.getstate() == STATE, threading.active_count(), [name for name in sys.modules if "openlit" in name])
    print([getattr(module, "no_such_name", None) for module in list(sys.modules.values())].count(None) > 0, len(sys.path))
    for name in ("httpx._client", "http.client", "aiohttp.client_proto", "httpcore._sync.http11"):
        module = sys.modules[name]
        print(type(module.__spec__), type(module.__loader__), module.__spec__._initializing, module.__spec__)
    print([name for name in STARTED if not name.startswith("_")])


functions()
given()
errors()
around()
