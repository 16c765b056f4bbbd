"""A WSGI application whose every request is one call of openai's client."""

import os

import openai

client = openai.OpenAI(api_key="sk-bench", base_url=os.environ["BENCH_PROVIDER"], max_retries=0)


def app(environ, start_response):
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"done"]
