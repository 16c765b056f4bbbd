"""Sends every exchange of a file to a local server by one client, and says of each whether the client could.

replay.py CLIENT FILE PORT   (httpx, httpx-async, aiohttp, requests, boto3)
"""

import asyncio
import base64
import json
import sys
from urllib.parse import unquote

CLIENT, FILE, PORT = sys.argv[1:4]
BASE = "http://127.0.0.1:" + PORT


def rows():
    with open(FILE) as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            headers = dict(row.get("request_headers") or {})
            # The parent says which exchange this is: trace 1 is the first one.
            headers.update({"host": row["host"], "traceparent": "00-%032x-%016x-01" % (number + 1, 1)})
            headers.pop("content-length", None)
            yield number, row["method"], BASE + row["path"], headers, base64.b64decode(row.get("request_body") or "")


def said(number, problem=None):
    print(json.dumps([number, None if problem is None else "%s: %s" % (type(problem).__name__, problem)]), flush=True)


def one_after_the_other(send):
    for number, *request in rows():
        try:
            send(*request)
        except NotMine:
            continue
        except Exception as problem:
            said(number, problem)
        else:
            said(number)


async def one_after_the_other_async(send):
    for number, *request in rows():
        try:
            await send(*request)
        except Exception as problem:
            said(number, problem)
        else:
            said(number)


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


BEDROCK = {
    "converse": "converse",
    "converse-stream": "converse_stream",
    "invoke": "invoke_model",
    "invoke-with-response-stream": "invoke_model_with_response_stream",
}


class NotMine(Exception):
    """This client does not make such a request."""


def boto3_client():
    """Bedrock's operations, with the recorded bytes in the place of what botocore would have sent; it reads the answer itself."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    client = boto3.client("bedrock-runtime", endpoint_url=BASE, config=config, **keys)
    recorded = []

    def put_in(request, **_):
        request.url, headers, request.body = recorded
        for name in list(request.headers):
            del request.headers[name]
        for name, value in dict(headers, **{"content-length": str(len(request.body))}).items():
            request.headers[name] = value

    client.meta.events.register("before-send", put_in)

    def send(method, url, headers, body):
        model, _, operation = url.partition("/model/")[2].rpartition("/")
        if operation not in BEDROCK:
            raise NotMine
        recorded[:] = url, headers, body
        asked = {"messages": []} if "converse" in operation else {"body": b""}
        try:
            answer = getattr(client, BEDROCK[operation])(modelId=unquote(model), **asked)
        except ClientError:
            # The service refused, and botocore told the program so.
            return
        for name in ("stream", "body"):
            for _ in answer.get(name, ()):
                pass

    one_after_the_other(send)


if CLIENT == "httpx":
    httpx_sync()
elif CLIENT == "requests":
    requests_client()
elif CLIENT == "boto3":
    boto3_client()
else:
    asyncio.run({"httpx-async": httpx_async, "aiohttp": aiohttp_client}[CLIENT]())
