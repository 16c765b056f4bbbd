"""What client libraries give to a program, looked at from all sides: `clients.py BASE LIBRARY…`.

BASE is a server that behaves as the first part of a path says: ok, refuse, busy, slow, cut.
"""

import asyncio
import gc
import os
import socket
import sys
import warnings

import look

BASE, LIBRARIES = sys.argv[1], sys.argv[2:]
NOWHERE = "http://127.0.0.1:1"
CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "hi"}]
BODY = {"model": "m", "messages": MESSAGES}
STREAM = dict(BODY, stream=True)
BAD = {"refuse": BASE + "/refuse", "busy": BASE + "/busy", "slow": BASE + "/slow", "nowhere": NOWHERE}


def base(mode):
    return BAD.get(mode) or "%s/%s" % (BASE, mode)


def patience(mode):
    """Seconds; the slow server takes longer, and on a busy machine any other may."""
    return 0.2 if mode == "slow" else 20


def tried(case, call):
    """Runs it, and looks at what it gives or raises, and at the warnings meanwhile and after."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = call()
        except BaseException as error:
            look.failed(case, error)
        else:
            look.look(case, result)
            del result
        gc.collect()
    look.warned(case, seen)


def later(case, make):
    """The same for a coroutine function, in a loop of its own."""

    async def whole():
        try:
            result = await make()
        except BaseException as error:
            look.failed(case, error)
        else:
            look.look(case, result)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        asyncio.run(whole())
        gc.collect()
    look.warned(case, seen)


def walked(case, stream, after="close"):
    """A stream: each item's type; then left in the middle, closed, and asked again."""
    first = next(iter(stream))
    look.look(case + " item", first, depth=1)
    kinds = [look.named(type(first))]
    for item in stream:
        kinds.append(look.named(type(item)))
    look.say(case, "items", kinds)
    look.say(case, "at its end", look.attempt(lambda: repr(next(iter(stream), "none"))[:200]))
    look.say(case, "closed", look.attempt(lambda: repr(getattr(stream, after, lambda: "none")())))
    look.say(case, "closed twice", look.attempt(lambda: repr(getattr(stream, after, lambda: "none")())))
    return stream


def left(case, stream, after="close"):
    """A stream that is left after its first item."""
    look.say(case, "first", look.named(type(next(iter(stream)))))
    look.say(case, "closed", look.attempt(lambda: repr(getattr(stream, after, lambda: "none")())))
    look.say(case, "after that", look.attempt(lambda: repr(next(iter(stream), "none"))[:200]))
    return stream


async def awalked(case, stream):
    kinds = [look.named(type(item)) async for item in stream]
    look.say(case, "items", kinds)
    try:
        again = [item async for item in stream]
    except Exception as error:
        again = type(error).__name__
    look.say(case, "again", look.masked(repr(again)))
    return stream


async def aleft(case, stream):
    async for item in stream:
        look.say(case, "first", look.named(type(item)))
        break
    for name in ("aclose", "close"):
        close = getattr(stream, name, None)
        if close is not None:
            result = close()
            look.say(case, "closed", look.masked(repr(await result if hasattr(result, "__await__") else result)))
            break
    return stream


# --- HTTP clients -----------------------------------------------------------------------------------------------------


def http_client():
    import http.client
    import json

    host = BASE[len("http://") :]
    text = json.dumps(BODY).encode()
    kind = {"content-type": "application/json"}

    def asked(mode, body=text, where=host, **options):
        connection = http.client.HTTPConnection(where, **options)
        connection.request("POST", "/%s%s" % (mode, CHAT), body, kind)
        answer = connection.getresponse()
        return connection, answer

    def whole(mode="ok", **options):
        connection, answer = asked(mode, **options)
        look.look("http.client unread answer", answer)
        look.look("http.client raw", answer.fp.raw)
        look.say("http.client body", "value", [answer.read().decode(), answer.read(), answer.isclosed()])
        return connection

    def part():
        connection, answer = asked("ok", json.dumps(STREAM).encode())
        look.say("http.client", "peek", answer.peek(5)[:5].decode())
        look.say("http.client", "readline", [answer.readline().decode(), answer.read1(4).decode(), answer.readinto(bytearray(3))])
        look.say("http.client", "fileno", [type(answer.fileno()).__name__, answer.closed, answer.readable()])
        answer.close()
        look.say("http.client", "after close", look.attempt(lambda: repr(answer.read())))
        connection.close()
        return answer

    def unread():
        asked("ok")

    class Loud(socket.socket):
        def sendall(self, data, *flags):
            for level in (1, 2, 3, 4):
                warnings.warn("level %d" % level, UserWarning, stacklevel=level)
            return super().sendall(data, *flags)

    def loud():
        connection = http.client.HTTPConnection(host)
        connection.sock = Loud()
        connection.sock.connect(("127.0.0.1", int(host.rpartition(":")[2])))
        connection.request("POST", "/ok" + CHAT, text, kind)
        connection.getresponse().read()
        connection.close()

    tried("http.client whole", whole)
    tried("http.client error", lambda: whole("refuse"))
    tried("http.client part", part)
    tried("http.client unread", unread)
    tried("http.client stacklevel", loud)
    tried("http.client cut", lambda: asked("cut", json.dumps(STREAM).encode())[1].read())
    tried("http.client slow", lambda: whole("slow", timeout=patience("slow")))
    tried("http.client nowhere", lambda: whole(where="127.0.0.1:1"))


def urllib_request():
    import json
    import urllib.request

    def asked(mode, body=BODY, **options):
        request = urllib.request.Request(base(mode) + CHAT, json.dumps(body).encode(), {"content-type": "application/json"})
        return urllib.request.urlopen(request, **options)

    def whole():
        with asked("ok") as answer:
            answer.read()
            return answer

    tried("urllib whole", whole)
    tried("urllib lines", lambda: [line for line in asked("ok", STREAM)])
    tried("urllib left", lambda: left("urllib left", asked("ok", STREAM)))
    for mode in BAD:
        tried("urllib " + mode, lambda: asked(mode, timeout=patience(mode)))


def urllib3_client():
    import urllib3

    pool = urllib3.PoolManager(retries=False)

    def asked(mode, body=BODY, **options):
        return pool.request("POST", base(mode) + CHAT, json=body, **options)

    def old(answer):
        look.say("urllib3 old", "headers", sorted(answer.headers))
        return getattr(answer, "getheaders", dict)()

    tried("urllib3 whole", lambda: asked("ok"))
    tried("urllib3 deprecated", lambda: old(asked("ok")))
    tried("urllib3 stream", lambda: walked("urllib3 stream", asked("ok", STREAM, preload_content=False).stream(16)))
    tried("urllib3 left", lambda: left("urllib3 left", asked("ok", STREAM, preload_content=False)))
    tried("urllib3 cut", lambda: asked("cut", STREAM))
    for mode in BAD:
        tried("urllib3 " + mode, lambda: asked(mode, timeout=patience(mode)))
    tried("urllib3 pool", lambda: pool)
    tried("urllib3 retried", lambda: urllib3.PoolManager().request("POST", NOWHERE + CHAT, json=BODY, retries=1))


def requests_client():
    import requests

    def asked(mode, body=BODY, **options):
        return requests.post(base(mode) + CHAT, json=body, **options)

    session = requests.Session()
    tried("requests whole", lambda: asked("ok"))
    tried("requests session", lambda: session.post(base("ok") + CHAT, json=BODY) and session)
    tried("requests raised", lambda: asked("refuse").raise_for_status())
    tried("requests stream", lambda: walked("requests stream", asked("ok", STREAM, stream=True).iter_lines()))
    tried("requests left", lambda: left("requests left", asked("ok", STREAM, stream=True).iter_content(8)))
    tried("requests unread", lambda: asked("ok", STREAM, stream=True))
    tried("requests cut", lambda: asked("cut", STREAM))
    for mode in BAD:
        tried("requests " + mode, lambda: asked(mode, timeout=patience(mode)))


def httpx_of(name):
    x = __import__(name)

    def asked(mode, body=BODY, **options):
        return x.post(base(mode) + CHAT, json=body, **options)

    client = x.Client()

    def streamed(read):
        with client.stream("POST", base("ok") + CHAT, json=STREAM) as answer:
            look.look(name + " open", answer)
            return read(answer)

    class Own(x.BaseTransport):
        """A transport of the program's own that warns, and looks at its callers."""

        def handle_request(self, request):
            warnings.warn("own transport", UserWarning, stacklevel=2)
            warnings.warn("own transport", UserWarning, stacklevel=3)
            look.say(name, "callers", [[at.f_code.co_name, at.f_lineno] for at in _frames()])
            return x.Response(200, json={"id": "own"}, request=request)

    def own():
        with x.Client(transport=Own()) as owner:
            return owner.post("http://own" + CHAT, json=BODY)

    class Failing(x.BaseTransport):
        def handle_request(self, request):
            raise x.ReadError("own failure", request=request)

    tried(name + " whole", lambda: asked("ok"))
    tried(name + " client", lambda: client.post(base("ok") + CHAT, json=BODY) and client)
    tried(name + " raised", lambda: asked("refuse").raise_for_status())
    tried(name + " deprecated", lambda: client.post(base("ok") + CHAT, data=b"{}"))
    tried(name + " raw", lambda: streamed(lambda answer: walked(name + " raw", answer.iter_raw())))
    tried(name + " lines", lambda: streamed(lambda answer: walked(name + " lines", answer.iter_lines())))
    tried(name + " left", lambda: streamed(lambda answer: left(name + " left", answer.iter_bytes(4))))
    tried(name + " unread", lambda: streamed(lambda answer: answer))
    tried(name + " unread body", lambda: streamed(lambda answer: answer.text))
    tried(name + " own transport", own)
    tried(name + " failing transport", lambda: x.Client(transport=Failing()).post("http://own" + CHAT, json=BODY))
    tried(name + " mock", lambda: x.Client(transport=x.MockTransport(lambda _: x.Response(200, text="mock"))).post(NOWHERE + CHAT))
    tried(name + " cut", lambda: asked("cut", STREAM))
    tried(name + " malformed", lambda: x.get("http://127.0.0.1:99999/v1/models"))
    for mode in BAD:
        tried("%s %s" % (name, mode), lambda: asked(mode, timeout=patience(mode)))

    async def once(act, mode="ok", body=BODY):
        async with x.AsyncClient(timeout=patience(mode)) as owner:
            if act is None:
                return await owner.post(base(mode) + CHAT, json=body)
            async with owner.stream("POST", base(mode) + CHAT, json=STREAM) as answer:
                return await act(answer)

    later(name + " async whole", lambda: once(None))
    later(name + " async lines", lambda: once(lambda answer: awalked(name + " async lines", answer.aiter_lines())))
    later(name + " async left", lambda: once(lambda answer: aleft(name + " async left", answer.aiter_bytes(4))))
    later(name + " async cut", lambda: once(None, "cut", STREAM))
    for mode in BAD:
        later("%s async %s" % (name, mode), lambda: once(None, mode))

    async def cancelled():
        async with x.AsyncClient() as owner:
            task = asyncio.ensure_future(owner.post(base("slow") + CHAT, json=BODY))
            await asyncio.sleep(0.1)
            task.cancel()
            await task

    later(name + " async cancelled", cancelled)


def _frames():
    frame = sys._getframe(2)
    while frame is not None:
        yield frame
        frame = frame.f_back


def httpx():
    httpx_of("httpx")


def httpx2():
    httpx_of("httpx2")


def aiohttp_client():
    import aiohttp

    async def once(act, mode="ok", body=BODY, **options):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience(mode))) as session:
            async with session.post(base(mode) + CHAT, json=body, **options) as answer:
                return await act(answer)

    async def itself(answer):
        look.look("aiohttp open", answer)
        await answer.read()
        return answer

    async def text(answer):
        return [await answer.text(), await answer.json()]

    async def dropped():
        session = aiohttp.ClientSession()
        answer = await session.post(base("ok") + CHAT, json=STREAM)
        await answer.content.readany()

    later("aiohttp whole", lambda: once(itself))
    later("aiohttp text", lambda: once(text))
    later("aiohttp stream", lambda: once(lambda answer: awalked("aiohttp stream", answer.content), body=STREAM))
    later("aiohttp left", lambda: once(lambda answer: aleft("aiohttp left", answer.content.iter_any()), body=STREAM))
    later("aiohttp dropped", dropped)
    later("aiohttp deprecated", lambda: once(text, timeout=20))
    later("aiohttp raised", lambda: once(text, "refuse", raise_for_status=True))
    later("aiohttp cut", lambda: once(text, "cut", STREAM))
    for mode in BAD:
        later("aiohttp " + mode, lambda: once(itself, mode))


# --- WebSockets -------------------------------------------------------------------------------------------------------


def echo():
    import threading

    from websockets.sync.server import serve

    def answer(connection):
        for message in connection:
            connection.send(message)

    server = serve(answer, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "ws://127.0.0.1:%d/v1/realtime?model=m" % server.socket.getsockname()[1]


def websockets_client():
    import websockets
    from websockets.sync.client import connect

    url = echo()

    def simple():
        with connect(url) as one:
            one.send("hi")
            look.say("websockets sync", "received", one.recv())
            look.look("websockets sync open", one, depth=2)
        look.say("websockets sync", "after close", look.attempt(lambda: one.send("late")))

    async def waiting():
        async with websockets.connect(url) as one:
            await one.send(b"hi")
            look.say("websockets async", "received", repr(await one.recv()))
            look.look("websockets async open", one, depth=2)
        await one.send("late")

    async def legacy():
        from websockets.legacy.client import connect as old

        async with old(url) as one:
            await one.send("hi")
            return await one.recv()

    tried("websockets sync", simple)
    later("websockets async", waiting)
    later("websockets legacy", legacy)
    tried("websockets refused", lambda: connect(BASE.replace("http", "ws") + "/refuse/v1/realtime"))
    tried("websockets nowhere", lambda: connect("ws://127.0.0.1:1/v1/realtime"))


def websocket_client():
    import websocket

    url = echo()

    def simple():
        one = websocket.create_connection(url)
        one.send("hi")
        look.say("websocket", "received", one.recv())
        one.close()
        look.say("websocket", "after close", look.attempt(one.recv))
        return one

    tried("websocket simple", simple)
    tried("websocket refused", lambda: websocket.create_connection(BASE.replace("http", "ws") + "/refuse/v1/realtime"))
    tried("websocket nowhere", lambda: websocket.create_connection("ws://127.0.0.1:1/v1/realtime"))


# --- providers' clients -----------------------------------------------------------------------------------------------


def stainless(name, kinds, options, call):
    """The clients of one make: openai, anthropic, groq. `call`: (client, stream) -> answer."""
    module = __import__(name)
    plain, waiting = (getattr(module, kind) for kind in kinds)

    def client(kind, mode):
        return kind(base_url=base(mode) + options, api_key="none", max_retries=0, timeout=patience(mode))

    def left_with(stream):
        with stream:
            return left(name + " left", stream)

    tried(name + " whole", lambda: call(client(plain, "ok"), False))
    tried(name + " stream", lambda: walked(name + " stream", call(client(plain, "ok"), True)))
    tried(name + " left", lambda: left_with(call(client(plain, "ok"), True)))
    tried(name + " dropped", lambda: next(call(client(plain, "ok"), True)) and None)
    tried(name + " cut", lambda: walked(name + " cut", call(client(plain, "cut"), True)))
    for mode in BAD:
        tried("%s %s" % (name, mode), lambda: call(client(plain, mode), False))

    async def whole(mode="ok"):
        async with client(waiting, mode) as owner:
            return await call(owner, False)

    async def streamed(read, mode="ok"):
        async with client(waiting, mode) as owner:
            return await read(await call(owner, True))

    later(name + " async whole", whole)
    later(name + " async stream", lambda: streamed(lambda stream: awalked(name + " async stream", stream)))
    later(name + " async left", lambda: streamed(lambda stream: aleft(name + " async left", stream)))
    later(name + " async cut", lambda: streamed(lambda stream: awalked(name + " async cut", stream), "cut"))
    for mode in BAD:
        later("%s async %s" % (name, mode), lambda: whole(mode))
    return client, plain


def openai():
    def call(client, stream):
        return client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, stream=stream)

    client, plain = stainless("openai", ("OpenAI", "AsyncOpenAI"), "/v1", call)
    raw = client(plain, "ok").chat.completions.with_raw_response
    tried("openai raw", lambda: raw.create(model="gpt-4o-mini", messages=MESSAGES))


def anthropic():
    def call(client, stream):
        return client.messages.create(model="claude", max_tokens=9, messages=MESSAGES, stream=stream)

    client, plain = stainless("anthropic", ("Anthropic", "AsyncAnthropic"), "", call)

    def helper():
        with client(plain, "ok").messages.stream(model="claude", max_tokens=9, messages=MESSAGES) as stream:
            return [stream.get_final_text(), stream]

    tried("anthropic helper", helper)


def groq():
    stainless("groq", ("Groq", "AsyncGroq"), "", lambda client, stream: client.chat.completions.create(
        model="llama", messages=MESSAGES, stream=stream))  # fmt: skip


def google_genai():
    from google import genai

    def models(mode):
        options = {"base_url": base(mode), "timeout": int(patience(mode) * 1000)}
        return genai.Client(api_key="none", http_options=options)

    def whole(mode="ok"):
        owner = models(mode)
        return owner.models.generate_content(model="gemini-2.0-flash", contents="hi")

    def stream(mode="ok"):
        owner = models(mode)
        yield from owner.models.generate_content_stream(model="gemini-2.0-flash", contents="hi")

    async def waiting(mode="ok"):
        owner = models(mode)
        return await owner.aio.models.generate_content(model="gemini-2.0-flash", contents="hi")

    tried("google-genai whole", whole)
    tried("google-genai stream", lambda: walked("google-genai stream", stream()))
    tried("google-genai left", lambda: left("google-genai left", stream()))
    tried("google-genai cut", lambda: walked("google-genai cut", stream("cut")))
    later("google-genai async whole", waiting)
    for mode in ("refuse", "slow", "nowhere"):
        tried("google-genai " + mode, lambda: whole(mode))
        later("google-genai async " + mode, lambda: waiting(mode))


def boto3():
    import boto3 as library
    from botocore.config import Config

    def client(mode):
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
        config = Config(retries={"total_max_attempts": 1}, read_timeout=patience(mode), connect_timeout=20)
        return library.client("bedrock-runtime", endpoint_url=base(mode), config=config, **keys)

    said = [{"role": "user", "content": [{"text": "hi"}]}]

    def invoke(mode="ok"):
        return client(mode).invoke_model(modelId="anthropic.claude", body=b"{}")

    def streamed(mode="ok"):
        return client(mode).converse_stream(modelId="amazon.nova", messages=said)["stream"]

    tried("boto3 converse", lambda: client("ok").converse(modelId="amazon.nova", messages=said))
    tried("boto3 invoke", invoke)
    tried("boto3 body", lambda: [invoke()["body"].read(5), invoke()["body"].read()])
    tried("boto3 lines", lambda: walked("boto3 lines", invoke()["body"].iter_lines()))
    tried("boto3 stream", lambda: walked("boto3 stream", streamed()))
    tried("boto3 left", lambda: left("boto3 left", streamed()))
    tried("boto3 cut", lambda: walked("boto3 cut", streamed("cut")))
    for mode in BAD:
        tried("boto3 " + mode, lambda: client(mode).converse(modelId="amazon.nova", messages=said))


def cohere():
    import cohere as library

    def client(mode):
        return library.ClientV2(api_key="none", base_url=base(mode), timeout=patience(mode))

    once = {"request_options": {"max_retries": 0}}
    tried("cohere whole", lambda: client("ok").chat(model="command", messages=MESSAGES, **once))
    tried("cohere stream", lambda: walked("cohere stream", client("ok").chat_stream(model="command", messages=MESSAGES, **once)))
    for mode in BAD:
        tried("cohere " + mode, lambda: client(mode).chat(model="command", messages=MESSAGES, **once))


def mistralai():
    from mistralai.client import Mistral

    def client(mode):
        return Mistral(api_key="none", server_url=base(mode), timeout_ms=int(patience(mode) * 1000))

    tried("mistralai whole", lambda: client("ok").chat.complete(model="m", messages=MESSAGES))
    tried("mistralai stream", lambda: walked("mistralai stream", client("ok").chat.stream(model="m", messages=MESSAGES)))
    later("mistralai async", lambda: client("ok").chat.complete_async(model="m", messages=MESSAGES))
    for mode in BAD:
        tried("mistralai " + mode, lambda: client(mode).chat.complete(model="m", messages=MESSAGES))


def ollama():
    import ollama as library

    def client(mode):
        return library.Client(host=base(mode), timeout=patience(mode))

    tried("ollama whole", lambda: client("ok").chat(model="m", messages=MESSAGES))
    tried("ollama stream", lambda: walked("ollama stream", client("ok").chat(model="m", messages=MESSAGES, stream=True)))
    for mode in BAD:
        tried("ollama " + mode, lambda: client(mode).chat(model="m", messages=MESSAGES))


# Packages whose functions are looked at when all calls are made.
PACKAGES = {
    "http_client": ("http.client",),
    "urllib_request": ("urllib.request",),
    "urllib3_client": ("urllib3",),
    "requests_client": ("requests",),
    "httpx": ("httpx", "httpcore", "h11"),
    "httpx2": ("httpx2", "httpcore2"),
    "aiohttp_client": ("aiohttp",),
    "websockets_client": ("websockets",),
    "websocket_client": ("websocket",),
    "openai": ("openai._base_client", "openai._streaming", "openai._response", "openai.resources.chat"),
    "anthropic": ("anthropic._base_client", "anthropic._streaming", "anthropic._response", "anthropic.resources.messages"),
    "google_genai": ("google.genai._api_client", "google.genai.models"),
    "boto3": ("botocore.awsrequest", "botocore.httpsession", "botocore.client", "botocore.response", "botocore.eventstream"),
}


def unraisable(given):
    """What Python would say of an error in a `__del__`."""
    look.say("unraisable", look.masked(repr(given.object)), look.masked(repr(given.exc_value)))


def main():
    sys.unraisablehook = unraisable
    planted = os.environ.get("PLANTED")
    if planted:
        __import__(planted)
    for name in LIBRARIES:
        # What is loaded stays: to look for garbage among it takes a tenth of a second each time.
        gc.freeze()
        globals()[name]()
    look.functions(tuple(sorted({each for name in LIBRARIES for each in PACKAGES.get(name, ())})))
    look.process()


main()
