"""urllib3: plain, streamed without preloading, by a pool."""
import os

import urllib3

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
pool = urllib3.PoolManager(retries=False)
response = pool.request("POST", URL, json=ask)
print(type(response).__module__, response.status, response.json()["model"])
response = pool.request("POST", URL, json={**ask, "stream": True}, preload_content=False)
print(sum(chunk.count(b"data:") for chunk in response.stream(64)))
response.release_conn()
response = pool.request("POST", URL, json={**ask, "stream": True}, preload_content=False)
print(len(response.read()), response.read())
