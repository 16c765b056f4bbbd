"""usage: client.py LIBRARY PORT PLAN. Opens its connection, says {"ready": pid}, waits for a line, then sends the plan:
[[method, path, body size], ...]. Says "done" at the end, or after a second line, which comes at the end at the latest."""

import asyncio
import json
import os
import ssl
import sys
import threading

library, port, plan = sys.argv[1], int(sys.argv[2]), json.load(open(sys.argv[3]))
base = f"https://127.0.0.1:{port}"
context = ssl._create_unverified_context()
stop = threading.Event()
body = lambda size: (b"0123456789abcdef" * (size // 16 + 1))[:size] or None


def ready():
    print(json.dumps({"ready": os.getpid()}), flush=True)
    sys.stdin.readline()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()


def steps():
    for step in plan:
        if stop.is_set():
            return
        yield step


def over(send):
    send("GET", "/warm", None)
    ready()
    for method, path, size in steps():
        send(method, path, body(size))


def http_client(plain=False):
    import http.client

    if plain:
        c = http.client.HTTPConnection("127.0.0.1", port)
    else:
        c = http.client.HTTPSConnection("127.0.0.1", port, context=context)

    def send(method, path, data):
        c.request(method, path, data)
        c.getresponse().read()

    over(send)


def threads():
    """32 connections, each in a thread of its own."""
    import http.client
    from concurrent.futures import ThreadPoolExecutor

    own = threading.local()

    def send(step):
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        method, path, size = step
        own.connection.request(method, path, body(size))
        own.connection.getresponse().read()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(send, [["GET", "/warm", 0]] * 32))
        ready()
        list(pool.map(send, plan))


def urllib3_():
    import urllib3

    urllib3.disable_warnings()
    pool = urllib3.PoolManager(cert_reqs="CERT_NONE")
    over(lambda method, path, data: pool.request(method, base + path, body=data, decode_content=False))


def requests_():
    import requests
    import urllib3

    urllib3.disable_warnings()
    s = requests.Session()
    s.verify = False
    s.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify
    over(lambda method, path, data: s.request(method, base + path, data=data).content)


def httpx_(http2):
    import httpx

    c = httpx.Client(verify=False, http2=http2, timeout=60)
    over(lambda method, path, data: c.request(method, base + path, content=data))


async def httpx_async(http2, together):
    import httpx

    async with httpx.AsyncClient(verify=False, http2=http2, timeout=60) as c:
        await c.get(base + "/warm")
        await asyncio.get_running_loop().run_in_executor(None, ready)
        each = steps()

        async def work():
            for method, path, size in each:
                await c.request(method, base + path, content=body(size))

        await asyncio.gather(*(work() for _ in range(64 if together else 1)))


async def aiohttp_():
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), auto_decompress=False) as s:
        async with s.get(base + "/warm") as r:
            await r.read()
        await asyncio.get_running_loop().run_in_executor(None, ready)
        for method, path, size in steps():
            async with s.request(method, base + path, data=body(size)) as r:
                await r.read()


def curl_cffi_(http2):
    """BoringSSL without symbols, in a shared object."""
    from curl_cffi import requests

    version = requests.session.CurlHttpVersion.V2_0 if http2 else requests.session.CurlHttpVersion.V1_1
    c = requests.Session(verify=False, http_version=version, timeout=60)
    over(lambda method, path, data: c.request(method, base + path, data=data).content)


def httpr_(http2, together):
    """reqwest with rustls, in a library without symbols."""
    from concurrent.futures import ThreadPoolExecutor

    import httpr

    c = httpr.Client(verify=False, http2_only=http2, http1_only=not http2, timeout=60)
    send = lambda method, path, data: c.request(method, base + path, content=data).content
    if not together:
        return over(send)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda _: send("GET", "/warm", None), range(32)))
        ready()
        list(pool.map(lambda step: send(step[0], step[1], body(step[2])), plan))


{
    "http.client": http_client,
    "plain": lambda: http_client(plain=True),
    "curl_cffi": lambda: curl_cffi_(False),
    "curl_cffi h2": lambda: curl_cffi_(True),
    "httpr": lambda: httpr_(False, False),
    "httpr h2": lambda: httpr_(True, False),
    "httpr threads": lambda: httpr_(False, True),
    "threads": threads,
    "urllib3": urllib3_,
    "requests": requests_,
    "httpx": lambda: httpx_(False),
    "httpx h2": lambda: httpx_(True),
    "httpx async": lambda: asyncio.run(httpx_async(False, False)),
    "httpx async h2, together": lambda: asyncio.run(httpx_async(True, True)),
    "aiohttp": lambda: asyncio.run(aiohttp_()),
}[library]()
print("done", flush=True)
stop.wait()
