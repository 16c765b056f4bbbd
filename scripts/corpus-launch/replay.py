"""Sends every exchange of a file to a local server by one client, and says when each began and ended.

replay.py CLIENT FILE PORT   (httpx, httpx-async, aiohttp, requests)
"""

import asyncio
import base64
import json
import sys
import time

CLIENT, FILE, PORT = sys.argv[1:4]
BASE = "http://127.0.0.1:" + PORT


def rows():
    with open(FILE) as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            headers = dict(row.get("request_headers") or {})
            headers.update({"host": row["host"], "x-replay": str(number)})
            headers.pop("content-length", None)
            yield number, row["method"], BASE + row["path"], headers, base64.b64decode(row.get("request_body") or "")


def said(number, began, error=None):
    print(json.dumps([number, str(began), str(time.time_ns()), error]), flush=True)


def one_after_the_other(send):
    for number, *request in rows():
        began, error = time.time_ns(), None
        try:
            send(*request)
        except Exception as problem:
            error = "%s: %s" % (type(problem).__name__, problem)
        said(number, began, error)


async def one_after_the_other_async(send):
    for number, *request in rows():
        began, error = time.time_ns(), None
        try:
            await send(*request)
        except Exception as problem:
            error = "%s: %s" % (type(problem).__name__, problem)
        said(number, began, error)


def httpx_sync():
    import httpx

    with httpx.Client(trust_env=False) as client:

        def send(method, url, headers, body):
            with client.stream(method, url, headers=headers, content=body) as answer:
                for _ in answer.iter_raw():
                    pass

        one_after_the_other(send)


async def httpx_async():
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:

        async def send(method, url, headers, body):
            async with client.stream(method, url, headers=headers, content=body) as answer:
                async for _ in answer.aiter_raw():
                    pass

        await one_after_the_other_async(send)


async def aiohttp_client():
    import aiohttp
    from yarl import URL

    async with aiohttp.ClientSession(auto_decompress=False) as client:

        async def send(method, url, headers, body):
            async with client.request(method, URL(url, encoded=True), headers=headers, data=body) as answer:
                await answer.read()

        await one_after_the_other_async(send)


def requests_client():
    import requests

    client = requests.Session()
    client.trust_env = False

    def send(method, url, headers, body):
        with client.request(method, url, headers=headers, data=body, stream=True) as answer:
            for _ in answer.raw.stream(4096, decode_content=False):
                pass

    one_after_the_other(send)


if CLIENT == "httpx":
    httpx_sync()
elif CLIENT == "requests":
    requests_client()
else:
    asyncio.run({"httpx-async": httpx_async, "aiohttp": aiohttp_client}[CLIENT]())
