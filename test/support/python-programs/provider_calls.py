"""Makes recorded calls again, each through the provider's own client: one JSON job a line on stdin, one answer on stdout.

{"id", "library", "url", "body", "headers", "asynchronous"} -> {"id"} or {"id", "error"}. The body goes through the client's
own method; what its signature does not know goes the way that the client offers for it. For httpx, which is nobody's
client: {"method", "raw"} (base64).
"""

import asyncio
import base64
import functools
import inspect
import json
import os
import re
import sys
import urllib.parse

KEY = "sk-planted-key-0123456789abcdef"
loop = None


def run(coroutine):
    global loop
    loop = loop or asyncio.new_event_loop()
    return loop.run_until_complete(coroutine)


def known(method, body):
    names = inspect.signature(method).parameters
    return (
        {name: value for name, value in body.items() if name in names},
        {name: value for name, value in body.items() if name not in names},
    )


def consume(answer, streamed):
    if streamed:
        for _ in answer:
            pass


async def consume_async(answer, streamed):
    answer = await answer
    if streamed:
        async for _ in answer:
            pass


# --- openai, anthropic, groq: clients of one make ---------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def stainless(library, name, **options):
    module = __import__(library)
    return getattr(module, name)(api_key=KEY, max_retries=0, timeout=30, **options)


def stainless_call(method, body, headers, asynchronous):
    given, rest = known(method, body)
    answer = method(extra_headers=headers, **given, **({"extra_body": rest} if rest else {}))
    streamed = body.get("stream") is True
    run(consume_async(answer, streamed)) if asynchronous else consume(answer, streamed)


OPENAI = {
    "/chat/completions": lambda client: client.chat.completions.create,
    "/responses": lambda client: client.responses.create,
    "/completions": lambda client: client.completions.create,
    "/embeddings": lambda client: client.embeddings.create,
}


def openai(url, body, headers, asynchronous):
    tail = next(tail for tail in OPENAI if url.path.endswith(tail))
    origin = "https://" + url.netloc
    query = dict(urllib.parse.parse_qsl(url.query))
    azure = re.search(r"/openai/deployments/([^/]+)/", url.path)
    prefix = "Async" if asynchronous else ""
    if azure:
        version = query.get("api-version", "2024-02-01")
        options = {"azure_endpoint": origin, "azure_deployment": azure[1], "api_version": version}
        client = stainless("openai", prefix + "AzureOpenAI", **options)
    else:
        client = stainless("openai", prefix + "OpenAI", base_url=origin + url.path[: -len(tail)])
    method = OPENAI[tail](client)
    if "model" not in body and "model" in inspect.signature(method).parameters:
        import openai as module

        body = {**body, "model": module.NOT_GIVEN}
    stainless_call(method, body, headers, asynchronous)


def anthropic(url, body, headers, asynchronous):
    client = stainless("anthropic", ("Async" if asynchronous else "") + "Anthropic", base_url="https://" + url.netloc)
    messages = client.beta.messages if "beta=true" in url.query else client.messages
    stainless_call(messages.create, body, headers, asynchronous)


def groq(url, body, headers, asynchronous):
    client = stainless("groq", ("Async" if asynchronous else "") + "Groq", base_url="https://" + url.netloc)
    stainless_call(client.chat.completions.create, body, headers, asynchronous)


# --- the others -------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def google_client(origin, project, location, version):
    from google import genai

    options = {"base_url": origin, "api_version": version}
    if project is None:
        return genai.Client(api_key=KEY, http_options=options)
    from google.oauth2.credentials import Credentials

    return genai.Client(
        vertexai=True, project=project, location=location, credentials=Credentials(KEY), http_options=options
    )


def google_genai(url, body, headers, asynchronous):
    version = url.path.split("/")[1]
    place = re.search(r"/projects/([^/]+)/locations/([^/]+)/", url.path)
    client = google_client("https://" + url.netloc, *(place.groups() if place else (None, None)), version)
    model, method = re.search(r"/models/([^/:]+):(\w+)", url.path).groups()
    models = client.aio.models if asynchronous else client.models
    config = {"http_options": {"extra_body": body}}
    if method == "batchEmbedContents":
        texts = ["text"] * len(body.get("requests", [0]))
        answer, streamed = models.embed_content(model=model, contents=texts, config=config), False
    elif method == "streamGenerateContent":
        answer, streamed = models.generate_content_stream(model=model, contents="text", config=config), True
    else:
        answer, streamed = models.generate_content(model=model, contents="text", config=config), False
    run(consume_async(answer, streamed)) if asynchronous else consume(answer, streamed)


@functools.lru_cache(maxsize=None)
def bedrock_client(origin, region):
    import boto3
    from botocore.config import Config

    return boto3.client(
        "bedrock-runtime",
        region_name=region,
        endpoint_url=origin,
        aws_access_key_id="AKIAPLANTEDKEY000000",
        aws_secret_access_key=KEY,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
    )


def with_bytes(value):
    """In JSON the API's blobs are base64; the client takes bytes."""
    if isinstance(value, list):
        return [with_bytes(item) for item in value]
    if isinstance(value, dict):
        return {
            name: base64.b64decode(item)
            if name in ("bytes", "redactedContent") and isinstance(item, str)
            else with_bytes(item)
            for name, item in value.items()
        }
    return value


def boto3(url, body, headers, asynchronous):
    region = re.search(r"bedrock-runtime\.([^.]+)\.", url.netloc)
    client = bedrock_client("https://" + url.netloc, region[1] if region else "us-east-1")
    model, method = re.search(r"/model/(.+)/([^/]+)$", url.path).groups()
    model = urllib.parse.unquote(model)
    if method.startswith("converse"):
        given = {"modelId": model, **with_bytes(body)}
        if method == "converse":
            client.converse(**given)
        else:
            consume(client.converse_stream(**given)["stream"], True)
        return
    given = {"modelId": model, "body": json.dumps(body), "contentType": "application/json"}
    if method == "invoke":
        client.invoke_model(**given)["body"].read()
    else:
        consume(client.invoke_model_with_response_stream(**given)["body"], True)


@functools.lru_cache(maxsize=None)
def cohere_client(name, origin):
    import cohere as module

    return getattr(module, name)(api_key=KEY, base_url=origin)


def cohere(url, body, headers, asynchronous):
    version = url.path.split("/")[1]
    client = cohere_client("ClientV2" if version == "v2" else "Client", "https://" + url.netloc)
    streamed = body.get("stream") is True
    body = {name: value for name, value in body.items() if name != "stream"}
    name = url.path.rsplit("/", 1)[1] + ("_stream" if streamed else "")
    # The client wraps its own methods; their parameters are known to the class.
    given, rest = known(getattr(type(client), name), body)
    options = {"max_retries": 0, "additional_body_parameters": rest}
    consume(getattr(client, name)(**given, request_options=options), streamed)


@functools.lru_cache(maxsize=None)
def mistral_client(origin):
    from mistralai.client import Mistral

    return Mistral(api_key=KEY, server_url=origin)


def mistralai(url, body, headers, asynchronous):
    client = mistral_client("https://" + url.netloc)
    if url.path.endswith("/embeddings"):
        body = {"inputs" if name == "input" else name: value for name, value in body.items()}
        client.embeddings.create(**body)
    elif url.path.endswith("/fim/completions"):
        client.fim.complete(**body)
    else:
        streamed = body.pop("stream", False) is True
        consume((client.chat.stream if streamed else client.chat.complete)(**body), streamed)


@functools.lru_cache(maxsize=None)
def ollama_client(origin):
    import ollama as module

    return module.Client(host=origin)


def ollama(url, body, headers, asynchronous):
    client = ollama_client("https://" + url.netloc)
    name = url.path.rsplit("/", 1)[1]
    # On the wire the absent `stream` means yes; in the client's method it means no.
    streamed = name in ("chat", "generate") and body.get("stream", True) is True
    body = {**body, "stream": streamed} if name in ("chat", "generate") else body
    consume(getattr(client, name)(**body), streamed)


@functools.lru_cache(maxsize=None)
def plain_client():
    import httpx as module

    return module.Client(timeout=30)


def httpx(url, method, raw, headers):
    """As it was recorded."""
    headers = {"authorization": "Bearer " + KEY, **headers}
    with plain_client().stream(method, url.geturl(), headers=headers, content=base64.b64decode(raw)) as answer:
        for _ in answer.iter_raw():
            pass


LIBRARIES = {
    "openai": openai,
    "anthropic": anthropic,
    "groq": groq,
    "google-genai": google_genai,
    "boto3": boto3,
    "cohere": cohere,
    "mistralai": mistralai,
    "ollama": ollama,
}


def main():
    # Loaded before anybody looks, as in every program that runs.
    import ssl  # noqa: F401

    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        answer = {"id": job["id"]}
        try:
            url = urllib.parse.urlsplit(job["url"])
            if job["library"] == "httpx":
                httpx(url, job["method"], job["raw"], job["headers"])
            else:
                LIBRARIES[job["library"]](url, job["body"], job["headers"], job.get("asynchronous", False))
        except Exception as error:  # the caller judges by what the server saw
            answer["error"] = ("%s: %s" % (type(error).__name__, error))[:500]
        print(json.dumps(answer), flush=True)


main()
