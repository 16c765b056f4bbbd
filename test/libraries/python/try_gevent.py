"""gevent: the world is patched first, then ten calls of OpenAI's client and requests go out at once."""
import gevent.monkey

gevent.monkey.patch_all()

import os

import gevent
import openai
import requests

URL = os.environ["PROVIDER_URL"] + "/v1"
client = openai.OpenAI(base_url=URL, api_key="k", max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]


def one(n):
    if n % 2:
        return requests.post(URL + "/chat/completions", json={"model": f"m{n}", "messages": ask}).json()["model"]
    return client.chat.completions.create(model=f"m{n}", messages=ask).model


jobs = [gevent.spawn(one, n) for n in range(10)]
gevent.joinall(jobs)
print([job.value for job in jobs])
