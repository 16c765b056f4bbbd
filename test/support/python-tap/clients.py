"""Calls of every client; `python clients.py NAME HTTP HTTPS` makes those of one, and prints what the program got."""

import asyncio
import json
import ssl
import sys

NAME, HTTP, HTTPS = sys.argv[1:4]
CHAT = "/v1/chat/completions"
BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
STREAM = dict(BODY, stream=True)


def failing(call):
    try:
        call()
    except Exception as error:
        print(type(error).__name__)


async def afailing(call):
    try:
        await call()
    except Exception as error:
        print(type(error).__name__)


def httpx_sync(x):
    with x.Client() as client:
        print(client.post(HTTP + CHAT, json=BODY).text)
        print(client.post(HTTP + CHAT, json=dict(BODY, user="gzip")).text)
        with client.stream("POST", HTTP + CHAT, json=STREAM) as answer:
            print(sum(1 for _ in answer.iter_raw()) > 0)
        with client.stream("POST", HTTP + CHAT, json=STREAM) as answer:
            next(answer.iter_raw())
        print(client.post(HTTP + "/redirect/chat/completions", json=BODY, follow_redirects=True).text)
        print(client.post(HTTP + "/fail/chat/completions", json=BODY).status_code)
        failing(lambda: client.post(HTTP + "/slow/chat/completions", json=BODY, timeout=0.2))
        failing(lambda: client.post("http://127.0.0.1:1" + CHAT, json=BODY))
        print(client.get(HTTP + "/hello").status_code, client.post(HTTP + "/hello", json={"a": 1}).status_code)


async def httpx_async(x):
    async with x.AsyncClient() as client:
        print((await client.post(HTTP + CHAT, json=BODY)).text)
        print((await client.post(HTTP + CHAT, json=dict(BODY, user="gzip"))).text)
        async with client.stream("POST", HTTP + CHAT, json=STREAM) as answer:
            print(len([part async for part in answer.aiter_raw()]) > 0)
        async with client.stream("POST", HTTP + CHAT, json=STREAM) as answer:
            async for _ in answer.aiter_raw():
                break
        print((await client.post(HTTP + "/redirect/chat/completions", json=BODY, follow_redirects=True)).text)
        print((await client.post(HTTP + "/fail/chat/completions", json=BODY)).status_code)
        await afailing(lambda: client.post(HTTP + "/slow/chat/completions", json=BODY, timeout=0.2))
        await afailing(lambda: client.post("http://127.0.0.1:1" + CHAT, json=BODY))
        print((await client.get(HTTP + "/hello")).status_code)


def http2(x):
    trust = ssl.create_default_context()
    with x.Client(http2=True, verify=trust) as client:
        print(client.post(HTTPS + CHAT, json=BODY).http_version)
        with client.stream("POST", HTTPS + CHAT, json=STREAM) as answer:
            next(answer.iter_raw())

    async def several():
        async with x.AsyncClient(http2=True, verify=trust) as client:
            answers = await asyncio.gather(*[client.post(HTTPS + CHAT, json=dict(BODY, n=i)) for i in range(3)])
            print([answer.text for answer in answers])

    asyncio.run(several())


def mocks(x):
    def answer(request):
        if "raise" in request.url.path:
            raise x.ReadTimeout("late", request=request)
        if "stream" in request.url.path:
            return x.Response(200, stream=Parts())
        return x.Response(200, content=b"whole")

    class Parts(x.SyncByteStream):
        def __iter__(self):
            yield b"a"
            yield b"b"

    async def app(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"asgi"})

    class Retry(x.BaseTransport):
        def __init__(self):
            self.real = x.HTTPTransport()

        def handle_request(self, request):
            self.real.handle_request(request).read()
            return self.real.handle_request(request)

    class Over(x.AsyncBaseTransport):
        """A transport over aiohttp, as LiteLLM has one."""

        async def handle_async_request(self, request):
            import aiohttp

            async with aiohttp.ClientSession() as session:
                async with session.post(str(request.url), data=request.content) as answer:
                    return x.Response(answer.status, content=await answer.read())

    async def over():
        async with x.AsyncClient(transport=Over()) as client:
            print((await client.post(HTTP + CHAT, json=BODY)).text)

    with x.Client(transport=x.MockTransport(answer)) as client:
        print(client.post("http://mock" + CHAT, json=BODY).text)
        print(client.post("http://mock/stream" + CHAT, json=BODY).text)
        with client.stream("POST", "http://mock/stream" + CHAT, json=BODY) as left:
            next(left.iter_raw())
        failing(lambda: client.post("http://mock/raise" + CHAT, json=BODY))

    async def asgi():
        async with x.AsyncClient(transport=x.ASGITransport(app=app)) as client:
            print((await client.post("http://app" + CHAT, json=BODY)).text)

    asyncio.run(asgi())
    # Both attempts are on the wire, and nothing above them counts them again.
    with x.Client(transport=Retry()) as client:
        print(client.post(HTTP + CHAT, json=BODY).text)
    asyncio.run(over())


def requests_(_):
    import requests

    print(requests.post(HTTP + CHAT, json=BODY).text)
    print(requests.post(HTTP + CHAT, json=dict(BODY, user="gzip")).text)
    print(sum(1 for _ in requests.post(HTTP + CHAT, json=STREAM, stream=True).iter_content(None)) > 0)
    left = requests.post(HTTP + CHAT, json=STREAM, stream=True)
    next(left.iter_content(10))
    left.close()
    print(requests.post(HTTP + "/redirect/chat/completions", json=BODY).text)
    print(requests.post(HTTP + "/fail/chat/completions", json=BODY).status_code)
    failing(lambda: requests.post(HTTP + "/slow/chat/completions", json=BODY, timeout=0.2))
    failing(lambda: requests.post("http://127.0.0.1:1" + CHAT, json=BODY))
    print(requests.get(HTTP + "/hello").status_code, requests.post(HTTP + "/hello", json={"a": 1}).status_code)


def http_client(_):
    import http.client
    import urllib.request

    request = urllib.request.Request(HTTP + CHAT, json.dumps(BODY).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        print(answer.read().decode())
    connection = http.client.HTTPConnection(HTTP[7:])
    text = json.dumps(BODY).encode()
    for _ in range(2):
        connection.request(
            "POST", CHAT, iter([text[:9], text[9:]]), {"content-type": "application/json"}, encode_chunked=True
        )
        print(connection.getresponse().read().decode())
    connection.close()


async def aiohttp_(_):
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.post(HTTP + CHAT, json=BODY) as answer:
            print(await answer.text())
        async with session.post(HTTP + CHAT, json=dict(BODY, user="gzip")) as answer:
            print(await answer.text())
        async with session.post(HTTP + CHAT, json=STREAM) as answer:
            print(len([part async for part in answer.content]) > 0)
        async with session.post(HTTP + CHAT, json=STREAM) as answer:
            async for _ in answer.content:
                break
        async with session.post(HTTP + "/redirect/chat/completions", json=BODY) as answer:
            print(await answer.text())
        async with session.post(HTTP + "/fail/chat/completions", json=BODY) as answer:
            print(answer.status, await answer.text())
        soon = aiohttp.ClientTimeout(total=0.2)
        await afailing(lambda: session.post(HTTP + "/slow/chat/completions", json=BODY, timeout=soon))
        await afailing(lambda: session.post("http://127.0.0.1:1" + CHAT, json=BODY))
        async with session.get(HTTP + "/hello") as answer:
            print(answer.status)


def trio_(x):
    import trio

    async def main():
        async with x.AsyncClient() as client:
            print((await client.post(HTTP + CHAT, json=BODY)).text)

    trio.run(main)


def websockets_(_):
    """All WebSocket clients against an echo server in a thread of this program."""
    import warnings

    warnings.simplefilter("ignore")
    import threading

    from websockets.sync.client import connect
    from websockets.sync.server import serve

    def echo(socket):
        for message in socket:
            socket.send(message)
            if message == "big":
                socket.send("x" * 300000)

    server = serve(echo, "127.0.0.1", 0, max_size=None)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "ws://127.0.0.1:%d/v1/realtime?model=m" % server.socket.getsockname()[1]
    with connect(url) as socket:
        socket.send("sync")
        print(socket.recv())
        socket.send(b"bytes")
        print(socket.recv())
        socket.send(["in ", "parts"])
        print(socket.recv())
        socket.send("big")
        print(socket.recv(), len(socket.recv()))

    async def later():
        import aiohttp
        import websockets
        import websockets.legacy.client

        async with websockets.connect(url) as socket:
            await socket.send("asyncio")
            print(await socket.recv())
        async with websockets.legacy.client.connect(url) as socket:
            await socket.send("legacy")
            print(await socket.recv())
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url) as socket:
                await socket.send_str("aiohttp")
                print((await socket.receive()).data)

    asyncio.run(later())
    import websocket

    socket = websocket.create_connection(url)
    socket.send("websocket-client")
    print(socket.recv())
    socket.close()


def main():
    name, _, library = NAME.partition(":")
    client = __import__(library) if library else None
    result = globals()[name](client)
    if result is not None:
        asyncio.run(result)


if __name__ == "__main__":
    main()
