"""usage: middle.py http.client|h2 PORT PLAN answer|upload|both. Says {"ready": pid} in the middle of an answer, of a request
body, or on one HTTP/2 connection of both; after a line on stdin it ends them and sends the plan on the same connection."""

import asyncio
import json
import os
import ssl
import sys

way, port, plan, what = sys.argv[1], int(sys.argv[2]), json.load(open(sys.argv[3])), sys.argv[4]
base = f"https://127.0.0.1:{port}"
ANSWER, UPLOAD, HALF = "/held?chunks=16&hold=8", "/upload?size=5000", b"0123456789abcdef" * 2000
body = lambda size: (b"0123456789abcdef" * (size // 16 + 1))[:size] or None


def ready():
    print(json.dumps({"ready": os.getpid()}), flush=True)
    sys.stdin.readline()


def http_client():
    import http.client

    c = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context())

    def halves():
        yield HALF
        ready()
        yield HALF

    if what == "answer":
        c.request("GET", ANSWER)
        answer = c.getresponse()
        answer.read(30)
        ready()
        answer.read()
    else:
        c.request("POST", UPLOAD, halves())
        c.getresponse().read()
    for method, path, size in plan:
        c.request(method, path, body(size))
        c.getresponse().read()


async def h2():
    import httpx

    async with httpx.AsyncClient(verify=False, http2=True, timeout=60, headers={"x-before": "said before"}) as c:
        await c.get(base + "/warm")
        begun, half, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def halves():
            yield HALF
            half.set()
            await go_on.wait()
            yield HALF

        async def answer():
            async with c.stream("GET", base + ANSWER) as r:
                async for _ in r.aiter_raw():
                    begun.set()

        open_ = [asyncio.create_task(each) for each in (answer(), c.post(base + UPLOAD, content=halves()))]
        await begun.wait()
        await half.wait()
        await asyncio.get_running_loop().run_in_executor(None, ready)
        send = lambda method, path, size: c.request(method, base + path, content=body(size), headers={"x-path": path})
        # The plan begins while both are still open.
        await send(*plan[0])
        go_on.set()
        await asyncio.gather(*open_)
        await asyncio.gather(*(send(*step) for step in plan[1:]))


{"http.client": http_client, "h2": lambda: asyncio.run(h2())}[way]()
print("done", flush=True)
sys.stdin.read()
